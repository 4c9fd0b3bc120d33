/** A process that holds a lab until it is killed; says on stdout what it holds. Its argument is the lab's folder. */
import { startLab } from '../../sandbox/lab/start-lab.ts';

const directory = process.argv[2] ?? '';
const input = { spines: 1, leaves: 1, imageFiles: new Map(), directory };
const lab = await startLab(input, AbortSignal.timeout(150_000));
console.log(JSON.stringify(lab.state));
await lab.ended;
