import proto from 'onnx-proto';

/** `metadata_props` of an ONNX file. */
export function readMetadata(bytes: Uint8Array): Record<string, string> {
  const { metadataProps } = proto.onnx.ModelProto.decode(bytes);
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
}
