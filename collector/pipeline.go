package collector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/service"
	"go.uber.org/zap"

	"burnline/internal/portowner"
)

// pipeline is one running configuration. The Collector's service is run
// directly, not by otelcol.Collector: that one takes SIGHUP for itself, even
// where it is told not to handle signals, and ends for good when a reload
// meets a bad configuration.
type pipeline struct {
	config  []byte
	service *service.Service
	// broken gets the error of a component that can't go on.
	broken chan error
}

// Check reads a pipeline and builds it without starting anything; nil stands
// for the built-in one. The error says what is wrong.
func (c *Collector) Check(ctx context.Context, config []byte) error {
	if config == nil {
		config = defaultConfig
	}
	settings, cfg, err := c.load(ctx, config, nil)
	if err != nil {
		return err
	}
	if err := service.Validate(ctx, settings, cfg); err != nil {
		return fmt.Errorf("check collector pipeline: %w", err)
	}
	return nil
}

// start builds a pipeline and starts it. ctx is for starting only.
func (c *Collector) start(ctx context.Context, config []byte) (*pipeline, error) {
	p := &pipeline{config: config, broken: make(chan error)}
	settings, cfg, err := c.load(ctx, config, p.broken)
	if err != nil {
		return nil, err
	}
	if p.service, err = service.New(ctx, settings, cfg); err != nil {
		return nil, fmt.Errorf("build collector pipeline: %w", err)
	}
	if err := c.metrics.Register(c.building); err != nil {
		return nil, fmt.Errorf("export the pipeline's metrics: %w", err)
	}
	if err := p.service.Start(context.WithoutCancel(ctx)); err != nil {
		stopErr := p.stop(ctx)
		var inUse *portowner.InUseError
		if errors.As(err, &inUse) {
			return nil, inUse // one clear line, without the pipeline's own wrapping
		}
		return nil, errors.Join(fmt.Errorf("start collector pipeline: %w", err), stopErr)
	}
	return p, nil
}

// stop ends the pipeline, also after ctx has ended.
func (p *pipeline) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	// A component that breaks while others stop must not block on telling so.
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-p.broken: //nolint:errcheck // what breaks while everything stops is no news
			case <-done:
				return
			}
		}
	}()
	if err := p.service.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop collector pipeline: %w", err)
	}
	return nil
}

// load reads and validates a configuration.
func (c *Collector) load(ctx context.Context, config []byte, broken chan error) (service.Settings, service.Config, error) {
	var none service.Settings
	factories, err := c.factories(bytes.Equal(config, defaultConfig))
	if err != nil {
		return none, service.Config{}, fmt.Errorf("assemble collector components: %w", err)
	}
	provider, err := otelcol.NewConfigProvider(otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
		URIs:          []string{"yaml:" + string(config)},
		DefaultScheme: "env",
		ProviderFactories: []confmap.ProviderFactory{
			envprovider.NewFactory(), fileprovider.NewFactory(), yamlprovider.NewFactory(),
			settingsProvider(map[string]string{"otlp_grpc": c.opts.GRPC, "otlp_http": c.opts.HTTP}),
		},
	}})
	if err != nil {
		return none, service.Config{}, fmt.Errorf("read collector pipeline: %w", err)
	}
	cfg, err := provider.Get(ctx, factories)
	if err != nil {
		return none, service.Config{}, fmt.Errorf("read collector pipeline: %w", tidy(err))
	}
	if err := errors.Join(confmap.Validate(cfg), provider.Shutdown(ctx)); err != nil {
		return none, service.Config{}, fmt.Errorf("check collector pipeline: %w", err)
	}
	if err := c.exposed(cfg.Receivers); err != nil {
		return none, service.Config{}, fmt.Errorf("check collector pipeline: %w", tidy(err))
	}
	return service.Settings{
		BuildInfo:           component.BuildInfo{Command: "burnline", Description: "Burnline", Version: c.opts.Version},
		ReceiversConfigs:    cfg.Receivers,
		ReceiversFactories:  factories.Receivers,
		ProcessorsConfigs:   cfg.Processors,
		ProcessorsFactories: factories.Processors,
		ExportersConfigs:    cfg.Exporters,
		ExportersFactories:  factories.Exporters,
		ConnectorsConfigs:   cfg.Connectors,
		ConnectorsFactories: factories.Connectors,
		ExtensionsConfigs:   cfg.Extensions,
		ExtensionsFactories: factories.Extensions,
		AsyncErrorChannel:   broken,
		BuildZapLogger:      zap.Config.Build,
		TelemetryFactory:    factories.Telemetry,
	}, cfg.Service, nil
}

// tidy keeps the Collector's text but not the blank lines in it.
func tidy(err error) error {
	return errors.New(strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; "))
}
