import Type, { type Static } from 'typebox';
import { strict } from './octets.ts';

/** RAN functions by the numbers that srsRAN and OAI use for them. */
export const KPM_FUNCTION = { id: 2, revision: 1, oid: '1.3.6.1.4.1.53148.1.2.2.2' } as const;
export const RC_FUNCTION = { id: 3, revision: 1, oid: '1.3.6.1.4.1.53148.1.1.2.3' } as const;

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const style = Type.Integer();

const RanFunctionName = Type.Object(
  {
    'ranFunction-ShortName': text(150),
    'ranFunction-E2SM-OID': text(1_000),
    'ranFunction-Description': text(150),
  },
  strict,
);

/** E2SM-KPM-RANfunction-Description. */
export const KpmFunctionDefinition = Type.Object(
  {
    'ranFunction-Name': RanFunctionName,
    'ric-EventTriggerStyle-List': Type.Array(
      Type.Object(
        {
          'ric-EventTriggerStyle-Type': style,
          'ric-EventTriggerStyle-Name': text(150),
          'ric-EventTriggerFormat-Type': style,
        },
        strict,
      ),
      { maxItems: 63 },
    ),
    'ric-ReportStyle-List': Type.Array(
      Type.Object(
        {
          'ric-ReportStyle-Type': style,
          'ric-ReportStyle-Name': text(150),
          'ric-ActionFormat-Type': style,
          'measInfo-Action-List': Type.Array(Type.Object({ measName: text(150) }, strict), { maxItems: 65_535 }),
          'ric-IndicationHeaderFormat-Type': style,
          'ric-IndicationMessageFormat-Type': style,
        },
        strict,
      ),
      { maxItems: 63 },
    ),
  },
  strict,
);
export type KpmFunctionDefinition = Static<typeof KpmFunctionDefinition>;

/** E2SM-RC-RANFunctionDefinition, control part. */
export const RcFunctionDefinition = Type.Object(
  {
    'ranFunction-Name': RanFunctionName,
    'ranFunctionDefinition-Control': Type.Object(
      {
        'ric-ControlStyle-List': Type.Array(
          Type.Object(
            {
              'ric-ControlStyle-Type': style,
              'ric-ControlStyle-Name': text(150),
              'ric-ControlAction-List': Type.Array(
                Type.Object({ 'ric-ControlAction-ID': style, 'ric-ControlAction-Name': text(150) }, strict),
                { maxItems: 65_535 },
              ),
              'ric-ControlHeaderFormat-Type': style,
              'ric-ControlMessageFormat-Type': style,
              'ric-ControlOutcomeFormat-Type': style,
            },
            strict,
          ),
          { maxItems: 63 },
        ),
      },
      strict,
    ),
  },
  strict,
);
export type RcFunctionDefinition = Static<typeof RcFunctionDefinition>;
