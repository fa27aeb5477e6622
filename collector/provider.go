package collector

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/confmap"
)

// settingsScheme is the scheme of ${burnline:...}.
const settingsScheme = "burnline"

// settings gives Burnline's own settings to pipelines: ${burnline:otlp_grpc}.
type settings map[string]string

func settingsProvider(s settings) confmap.ProviderFactory {
	return confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider { return s })
}

var _ confmap.Provider = settings(nil)

// Retrieve implements confmap.Provider.
func (s settings) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	name := strings.TrimPrefix(uri, settingsScheme+":")
	value, ok := s[name]
	if !ok {
		return nil, fmt.Errorf("${burnline:%s} is not a setting; there are ${burnline:otlp_grpc} and ${burnline:otlp_http}", name)
	}
	return confmap.NewRetrieved(value)
}

// Scheme implements confmap.Provider.
func (settings) Scheme() string { return settingsScheme }

// Shutdown implements confmap.Provider.
func (settings) Shutdown(context.Context) error { return nil }
