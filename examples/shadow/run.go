package shadow

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"burnline/internal/app"
	"burnline/internal/harness"
	"burnline/internal/harness/backends"
)

//go:embed files
var files embed.FS

// Running are the programs of the example, by their addresses.
type Running struct {
	Burnline, Prometheus, Alertmanager string
	Shop                               *Shop
}

// Run runs the shop, Burnline in shadow mode, and Debian's Prometheus and Alertmanager, with what
// they keep in dir. It calls ready once all of them answer and goes on until ctx ends.
func Run(ctx context.Context, dir string, logger *slog.Logger, ready func(Running)) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := Running{Shop: NewShop()}
	shop, err := r.openShop(ctx)
	if err != nil {
		return err
	}
	burnline, err := harness.FreeAddress(ctx)
	if err != nil {
		return err
	}
	fill := strings.NewReplacer("SHOP", shop, "BURNLINE", burnline, "RULES", filepath.Join(dir, "rules.yaml"))
	if err := write(dir, fill); err != nil {
		return err
	}
	r.Burnline = "http://" + burnline
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- app.Run(ctx, app.Options{ConfigPath: filepath.Join(dir, "burnline.yaml"), Override: app.Override{Data: filepath.Join(dir, "data")},
			Logger: logger, Ready: func(app.Addresses) { close(up) }})
	}()
	defer func() {
		cancel()
		err = errors.Join(err, <-ended)
	}()
	select {
	case <-up:
	case err := <-ended:
		ended <- nil
		return fmt.Errorf("run Burnline: %w", err)
	}
	return r.beside(ctx, dir, fill, ready)
}

// openShop serves the shop and its customers until ctx ends.
func (r *Running) openShop(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("open the shop: %w", err)
	}
	server := &http.Server{Handler: r.Shop, ReadHeaderTimeout: time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // the example is over
	go func() { _ = server.Serve(l) }()                   // ends with Close
	go r.Shop.Serve(ctx.Done())
	return l.Addr().String(), nil
}

// beside runs the old Alertmanager and its Prometheus until ctx ends.
func (r *Running) beside(ctx context.Context, dir string, fill *strings.Replacer, ready func(Running)) error {
	config, err := read("alertmanager.yml", fill)
	if err != nil {
		return err
	}
	alertmanager, err := backends.AlertmanagerWith(config)(ctx, filepath.Join(dir, "alertmanager"))
	if err != nil {
		return err
	}
	defer alertmanager.Process.Kill()
	r.Alertmanager = alertmanager.URL
	if config, err = read("prometheus.yml", fill); err != nil {
		return err
	}
	config = strings.ReplaceAll(config, "ALERTMANAGER", strings.TrimPrefix(alertmanager.URL, "http://"))
	prometheus, err := backends.PrometheusWith(config)(ctx, filepath.Join(dir, "prometheus"))
	if err != nil {
		return err
	}
	defer prometheus.Process.Kill()
	r.Prometheus = prometheus.URL
	ready(*r)
	<-ctx.Done()
	return nil
}

// read returns one of the files with its addresses filled in.
func read(name string, fill *strings.Replacer) (string, error) {
	data, err := files.ReadFile("files/" + name)
	if err != nil {
		return "", fmt.Errorf("read the file of the example: %w", err)
	}
	return fill.Replace(string(data)), nil
}

// write puts the files into the folder.
func write(dir string, fill *strings.Replacer) error {
	for _, sub := range []string{"alertmanager", "prometheus"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("make a folder for the example: %w", err)
		}
	}
	for _, name := range []string{"burnline.yaml", "sloth.yaml", "rules.yaml"} {
		text, err := read(name, fill)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write the file of the example: %w", err)
		}
	}
	return nil
}
