package programs

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// crowd is how many connections are opened at once: more than the NGINX below has room for.
const crowd = 40

// NGINX runs one that has room for few connections; its load is requests, and a crowd of which some are dropped.
func NGINX(t testing.TB) *Program {
	t.Helper()
	address, server := run(t, "nginx", "/", nil, func(address string) []string {
		conf := file(t, "nginx.conf", "")
		dir := filepath.Dir(conf)
		return []string{"-p", dir, "-e", "stderr", "-c", file(t, "nginx.conf", fmt.Sprintf(`
daemon off;
master_process off;
pid %[1]s/pid;
error_log stderr crit;
events { worker_connections 24; }
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server {
    listen %[2]s;
    location / { return 200 "ok\n"; }
    location /stub_status { stub_status; }
  }
}
`, dir, address))}
	})
	metrics, _ := run(t, "prometheus-nginx-exporter", "/metrics", nil, func(exporter string) []string {
		return []string{"--nginx.scrape-uri=http://" + address + "/stub_status", "--web.listen-address=" + exporter}
	})
	return &Program{Metrics: metrics, Stop: server.Kill, Load: func(ctx context.Context) error {
		if err := ask(ctx, "http://"+address+"/"); err != nil && ctx.Err() == nil {
			return nil //nolint:nilerr // the crowd before may still be there; the next load asks again
		}
		return throng(ctx, address)
	}}
}

// throng opens a crowd of connections at once, begins to ask on each, without which NGINX would close one for the next, and
// closes them again; the server may refuse any of them.
func throng(ctx context.Context, address string) error {
	var all []net.Conn
	for range crowd {
		dialer := net.Dialer{Timeout: time.Second}
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			continue
		}
		_, _ = io.WriteString(conn, "GET / HT") // it may be closed already
		all = append(all, conn)
	}
	for _, conn := range all {
		_ = conn.Close() // as the server has, of some
	}
	return nil
}

// ask asks for a page on a connection of its own and reads it, whatever its status.
func ask(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
