// Stands for the recipes of a pipeline, in plain Node: reads its parameters, writes an artifact, fails or waits when told to.
const { CLEARML_TASK_ID: task, CLEARML_API_HOST: api, CLEARML_FILES_HOST: files } = process.env;
const pair = `${process.env.CLEARML_API_ACCESS_KEY}:${process.env.CLEARML_API_SECRET_KEY}`;
const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;

async function call(action, body) {
  const response = await fetch(`${api}/${action}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ task, ...body }),
  });
  return (await response.json()).data;
}

const { hyperparams = {} } = (await call('tasks.get_by_id', {})).task;
const param = (name) => hyperparams.General?.[name]?.value;
await new Promise((resolve) => setTimeout(resolve, Number(param('hold') ?? 0) * 1_000));
if (param('fail') === 'True') {
  console.error('told to fail');
  process.exit(1);
}
const uri = `${files}/of/${task}/out.json`;
await call('tasks.add_or_update_artifacts', {
  force: true,
  artifacts: [{ key: 'out', type: 'dict', mode: 'output', uri }],
});
