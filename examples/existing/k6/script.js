// Forty orders, a tenth of which the shop refuses. TARGET is where the shop listens.
import http from 'k6/http';
import exec from 'k6/execution';
import { sleep } from 'k6';

export const options = {
  vus: 2,
  iterations: 40,
  // Without url each address of a request would be a series of its own; name says which request it is.
  systemTags: ['method', 'name', 'status', 'error_code', 'expected_response', 'scenario'],
};

export default function () {
  const card = exec.scenario.iterationInTest % 10 === 0 ? 'refused' : 'good';
  http.post(`${__ENV.TARGET}/buy?card=${card}`, null, { tags: { name: 'buy' } });
  sleep(0.15);
}
