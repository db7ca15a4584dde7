import type { PmFile } from '@ranloop/contracts/r1';
import type { VesEvent } from '@ranloop/contracts/ves';
import { measurement, type Rig } from '../../testing/rig.ts';

/** A VES notification with changeType FileReady, as network elements of ONAP's flow send it. */
export function fileReady(source: string, location: string, fileName = 'A.xml', eventId = fileName): VesEvent {
  const { commonEventHeader } = measurement({ eventId: `${source} ${eventId}`, source, objects: {} });
  return {
    commonEventHeader: {
      ...commonEventHeader,
      domain: 'notification',
      eventName: 'Notification_gnb-Ranloop_FileReady',
    },
    notificationFields: {
      notificationFieldsVersion: '2.0',
      changeIdentifier: 'PM_MEAS_FILES',
      changeType: 'FileReady',
      arrayOfNamedHashMap: [
        {
          name: fileName,
          hashMap: {
            location,
            compression: 'gzip',
            fileFormatType: 'org.3GPP.32.435#measCollec',
            fileFormatVersion: 'V10',
          },
        },
      ],
    },
  } as VesEvent;
}

/** A notifyFileReady of TS 28.532 as stndDefined data. */
export function notifyFileReady(source: string, files: readonly Readonly<Record<string, unknown>>[]): VesEvent {
  const { commonEventHeader } = measurement({ eventId: `${source} ready`, source, objects: {} });
  return {
    commonEventHeader: {
      ...commonEventHeader,
      domain: 'stndDefined',
      eventName: 'StndDefined_FileReady',
      stndDefinedNamespace: '3GPP-PerformanceAssurance',
    },
    stndDefinedFields: {
      stndDefinedFieldsVersion: '1.0',
      data: { notificationType: 'notifyFileReady', notificationId: 1, systemDN: 'x', fileInfoList: files },
    },
  } as VesEvent;
}

/** The files of a source once none of them waits any more, the oldest first. */
export async function settled(rig: Rig, source: string): Promise<PmFile[]> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { files } = await rig.get<{ files: PmFile[] }>(`/pm-files?source=${source}`);
    if (files.length > 0 && files.every(({ state }) => state !== 'waiting')) return files.reverse();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the files of ${source} still wait`);
}

/** A PM file of one cell with these values of RRC.ConnMean, one object each. */
export function pmFile(values: readonly (number | string)[], end = '2026-01-05T00:15:00Z'): string {
  const objects = values.map(
    (value, index) => `<measValue measObjLdn="NRCellCU=${index + 1}"><r p="1">${value}</r></measValue>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec">
<fileHeader fileFormatVersion="32.435 V10.0" vendorName="v"><fileSender localDn="ManagedElement=gnb-1"/>
<measCollec beginTime="2026-01-05T00:00:00Z"/></fileHeader>
<measData><managedElement localDn="ManagedElement=gnb-1"/><measInfo measInfoId="i">
<granPeriod duration="PT900S" endTime="${end}"/><measType p="1">RRC.ConnMean</measType>
${objects.join('\n')}
</measInfo></measData></measCollecFile>`;
}
