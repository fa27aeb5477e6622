// A service that is set up by the variables of OpenTelemetry alone: where to and by which token stands in the environment.
// POST /buy is counted and is a span; it fails with ?card=refused. PORT says where it listens (default: a free one).
'use strict';

const http = require('node:http');
const { diag, metrics, trace, DiagConsoleLogger, DiagLogLevel, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { defaultResource, detectResources, envDetector } = require('@opentelemetry/resources');
const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

// Without this the SDK says nothing of a token that is refused.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN);

// The reader does not look at this variable by itself.
const interval = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL || 60000);
const resource = defaultResource().merge(detectResources({ detectors: [envDetector] }));
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(), exportIntervalMillis: interval, exportTimeoutMillis: Math.min(interval, 60000),
  })],
});
const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
metrics.setGlobalMeterProvider(meters);
trace.setGlobalTracerProvider(tracers);

const orders = metrics.getMeter('checkout').createCounter('orders', { description: 'Orders, by what became of them.' });
// Both are there from the start, so that the first failure is counted too.
for (const outcome of ['ok', 'error']) orders.add(0, { outcome });

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://checkout');
  if (request.method !== 'POST' || url.pathname !== '/buy') {
    response.writeHead(404).end();
    return;
  }
  const span = trace.getTracer('checkout').startSpan('POST /buy', { kind: SpanKind.SERVER, attributes: { 'http.route': '/buy' } });
  const failed = url.searchParams.get('card') === 'refused';
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: 'the card was refused' });
  orders.add(1, { outcome: failed ? 'error' : 'ok' });
  span.end();
  response.writeHead(failed ? 502 : 200).end();
});

server.listen(Number(process.env.PORT || 0), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));

// What was counted last is sent before it ends.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    const ends = await Promise.allSettled([meters.shutdown(), tracers.shutdown()]);
    process.exit(ends.every((end) => end.status === 'fulfilled') ? 0 : 1);
  });
}
