// A shop that sells at /buy, as small as a service can be. Its database is gone while the file no-database is there.
// Nothing in it speaks of Burnline: OpenTelemetry's own variables say where metrics and traces go.
const http = require('http')
const fs = require('fs')
const { trace } = require('@opentelemetry/api')

http.createServer((request, response) => {
  // Who buys, so that a page can say how many customers are hurt. Burnline keeps a keyed hash of it.
  trace.getActiveSpan()?.setAttribute('enduser.id', request.headers['x-customer'] ?? '')
  if (fs.existsSync('no-database')) {
    response.writeHead(500).end('the database is gone\n')
  } else {
    response.writeHead(200).end('thank you\n')
  }
}).listen(8080, '127.0.0.1')
