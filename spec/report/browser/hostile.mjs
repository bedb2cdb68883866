// A validator that says what would harm whoever reads its report as a page.
import { createInterface } from "node:readline";

const said = `</pre></script><script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">
<a href="javascript:window.harmed=3">click</a>" onmouseover="window.harmed=4" '\u202egpj.exe\u0000\u001b[31m{{.}}\${1}`;

console.error(said);
let n = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { id } = JSON.parse(line);
  const answer = [{ error: said }, { valid: true, stringToSign: said }, { valid: false, stringToSign: said }, { unsupported: said }][n++ % 4];
  console.error(said);
  process.stdout.write(JSON.stringify({ id, ...answer }) + "\n");
}
