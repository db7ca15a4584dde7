import type { VesEvent } from '@ranloop/contracts/ves';
import type { AnnouncedFile } from '../model.ts';

const PM_CHANGE = 'PM_MEAS_FILES';
const PM_FORMAT = /measCollec|measData/i;

/**
 * The PM files that an event announces: a VES notification with changeType FileReady, or stndDefined data with
 * notificationType notifyFileReady (TS 28.532, 11.3). Files of other kinds, such as traces, are not among them.
 */
export function announcedFiles(
  { notificationFields, stndDefinedFields }: Pick<VesEvent, 'notificationFields' | 'stndDefinedFields'>,
  sender: string,
): readonly AnnouncedFile[] {
  if (notificationFields) {
    const { changeType, changeIdentifier, arrayOfNamedHashMap = [] } = notificationFields;
    if (changeType.toLowerCase() !== 'fileready') return [];
    return arrayOfNamedHashMap.flatMap(({ name, hashMap }) => {
      const { location = '', fileFormatType = '' } = hashMap;
      if (changeIdentifier !== PM_CHANGE && !PM_FORMAT.test(fileFormatType)) return [];
      return [{ name, location, sender, size: undefined, ready: '', expires: undefined }];
    });
  }
  const data = record(stndDefinedFields?.data);
  if (data?.['notificationType'] !== 'notifyFileReady' || !Array.isArray(data['fileInfoList'])) return [];
  return data['fileInfoList'].flatMap((entry: unknown) => {
    const file = record(entry);
    const type = file?.['fileDataType'] ?? 'Performance';
    if (!file || typeof type !== 'string' || type.toLowerCase() !== 'performance') return [];
    const size = file['fileSize'];
    const expires = Date.parse(text(file['fileExpirationTime']));
    return [
      {
        name: '',
        location: text(file['fileLocation']),
        sender,
        size: typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
        ready: text(file['fileReadyTime']),
        expires: Number.isFinite(expires) ? expires : undefined,
      },
    ];
  });
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 4_096) : '';
}
