package collector

import "go.opentelemetry.io/collector/pdata/pcommon"

// sawVersion tells which version of a service its telemetry bears.
func (r *otlpReceiver) sawVersion(resource pcommon.Map) {
	if r.c.opts.Versions == nil {
		return
	}
	version, ok := resource.Get("service.version")
	if !ok {
		return
	}
	if service, ok := resource.Get("service.name"); ok {
		r.c.opts.Versions(service.AsString(), version.AsString())
	}
}
