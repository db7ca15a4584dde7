import Type from 'typebox';
import { closed, numbers, strings } from './shapes.ts';

const many = <S extends Type.TSchema>(schema: S) => Type.Optional(Type.Array(schema));
const id = Type.String();

const ProcessorDimmMargin = closed({
  processorDimmAggregateThermalMarginIdentifier: id,
  thermalMargin: Type.Number(),
});

/** Readings of the baseboard controller. */
export const Ipmi = closed({
  ...numbers('exitAirTemperature', 'frontPanelTemperature', 'ioModuleTemperature', 'systemAirflow'),
  ipmiBaseboardTemperatureArray: many(
    closed({ baseboardTemperatureIdentifier: id, ...numbers('baseboardTemperature') }),
  ),
  ipmiBaseboardVoltageRegulatorArray: many(
    closed({ baseboardVoltageRegulatorIdentifier: id, ...numbers('voltageRegulatorTemperature') }),
  ),
  ipmiBatteryArray: many(
    closed({ batteryIdentifier: id, ...strings('batteryType'), ...numbers('batteryVoltageLevel') }),
  ),
  ipmiFanArray: many(closed({ fanIdentifier: id, ...numbers('fanSpeed') })),
  ipmiHsbpArray: many(closed({ hsbpIdentifier: id, ...numbers('hsbpTemperature') })),
  ipmiGlobalAggregateTemperatureMarginArray: many(
    closed({
      globalAggregateTemperatureMarginIdentifier: id,
      globalAggregateTemperatureMargin: Type.Number(),
    }),
  ),
  ipmiNicArray: many(closed({ nicIdentifier: id, ...numbers('nicTemperature') })),
  ipmiPowerSupplyArray: many(
    closed({
      powerSupplyIdentifier: id,
      ...numbers('powerSupplyInputPower', 'powerSupplyCurrentOutputPercent', 'powerSupplyTemperature'),
    }),
  ),
  ipmiProcessorArray: many(
    closed({
      processorIdentifier: id,
      ...numbers('processorThermalControlPercent', 'processorDtsThermalMargin'),
      processorDimmAggregateThermalMarginArray: many(ProcessorDimmMargin),
    }),
  ),
});
