package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed" // the template
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"burnline/internal/harness"
)

// template is the configuration that the controller writes for its NGINX: its own needs modules that Debian lacks. What it
// tells of each request is told by the controller's own Lua.
//
//go:embed nginx.tmpl
var template []byte

// room makes room for the controller, which has its files at fixed places, in a mount namespace: an /etc of its own.
const room = `mkdir -p "$ROOM/up" "$ROOM/work" /tmp/nginx && mount -t overlay overlay -o "lowerdir=/etc,upperdir=$ROOM/up,workdir=$ROOM/work" /etc && mount -t tmpfs none /tmp/nginx &&
mkdir -p /etc/nginx/template /etc/ingress-controller/ssl /etc/ingress-controller/auth /etc/ingress-controller/telemetry && cp -r "$LUA" /etc/nginx/ &&
cp "$ROOM/nginx.tmpl" /etc/nginx/template/ && printf 'daemon off; pid /tmp/nginx/nginx.pid; events {}' >/etc/nginx/nginx.conf`

// recordIngress records the controller of ingress-nginx with Debian's NGINX, beside an API server. As root.
func recordIngress(ctx context.Context, s *stage) error {
	c, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	if err := c.ingresses(ctx); err != nil {
		return err
	}
	access, err := s.access(c)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "nginx.tmpl"), template, 0o600); err != nil {
		return err
	}
	free, err := addresses(ctx, 7)
	if err != nil {
		return err
	}
	args := []string{"--kubeconfig", access, "--enable-metrics", "--update-status=false", "--shutdown-grace-period=0", "--post-shutdown-grace-period=0", "--internal-logger-address", free[6]}
	for i, port := range []string{"http", "https", "status", "stream", "default-server", "healthz"} {
		_, number, err := net.SplitHostPort(free[i])
		if err != nil {
			return err
		}
		args = append(args, "--"+port+"-port", number)
	}
	p := &harness.Process{
		Command: harness.Privately(room, append([]string{*s.options.programs["nginx-ingress-controller"]}, args...)...),
		Env:     []string{"ROOM=" + s.dir, "LUA=" + *s.options.programs["ingress-lua"], "NGINX_BINARY=/usr/sbin/nginx", "POD_NAME=controller", "POD_NAMESPACE=ingress-nginx"},
	}
	if err := p.Start(); err != nil {
		return err
	}
	defer func() { _ = p.End() }() // and its NGINX with it
	text, err := c.visit(ctx, "http://"+free[0], "http://"+free[5]+"/metrics")
	if err != nil {
		return fmt.Errorf("%w\n%s", err, p.Output())
	}
	return s.keep("ingress-nginx", "ingress-nginx "+labelIn(text, "nginx_ingress_controller_build_info", "release")+" with Debian's NGINX", text, nil)
}

// visit visits the sites until the controller tells of what comes last, and returns what it tells then.
func (c *cluster) visit(ctx context.Context, at, metrics string) (text []byte, err error) {
	err = harness.Poll(ctx, 500*time.Millisecond, func() (bool, error) {
		status, err := page(ctx, at, "gone.example.com", "/")
		return err == nil && status == http.StatusBadGateway, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the ingress is never served: %w", err)
	}
	// Of certificates the leader tells, once something changes after it became the leader.
	if _, err := c.ask(ctx, http.MethodPost, sites, site("blog", fields{})); err != nil {
		return nil, err
	}
	pages := append(slices.Repeat([]string{"/"}, 20), "/bad", "/slow", "/slow")
	for _, host := range []string{"shop.example.com", "nowhere.example.com"} {
		for _, path := range pages {
			if _, err := page(ctx, at, host, path); err != nil {
				return nil, err
			}
		}
	}
	err = harness.Poll(ctx, 500*time.Millisecond, func() (bool, error) {
		text, err = said(ctx, http.DefaultClient, metrics)
		told := err == nil
		for _, part := range []string{`ingress="gone"`, `status="500"`, "nginx_ingress_controller_ssl_expire_time_seconds{"} {
			told = told && contains(text, part)
		}
		return told, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the controller never tells of its visitors: %w", err)
	}
	return text, nil
}

// page asks for a page of a host and returns the status.
func page(ctx context.Context, site, host, path string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+path, nil)
	if err != nil {
		return 0, err
	}
	req.Host = host
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// sites is where ingresses are made.
const sites = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"

// site is an ingress of a service.
func site(name string, spec fields) fields {
	spec["ingressClassName"] = "nginx"
	spec["rules"] = []any{fields{"host": name + ".example.com", "http": fields{"paths": []any{fields{
		"path": "/", "pathType": "Prefix", "backend": fields{"service": fields{"name": name, "port": fields{"number": 80}}},
	}}}}}
	return fields{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": fields{"name": name}, "spec": spec}
}

// ingresses makes what the controller serves: a shop with a certificate, and a site whose service is gone.
func (c *cluster) ingresses(ctx context.Context) error {
	cert, key, err := certificate("shop.example.com")
	if err != nil {
		return err
	}
	service := func(name string) fields {
		return fields{"apiVersion": "v1", "kind": "Service", "metadata": fields{"name": name}, "spec": fields{"ports": []any{fields{"port": 80}}, "selector": fields{"app": name}}}
	}
	pod := fields{"nodeName": "node-1", "containers": []any{fields{"name": "controller", "image": "example.com/controller:1"}}}
	namespace := func(name string) fields {
		return fields{"apiVersion": "v1", "kind": "Namespace", "metadata": fields{"name": name}}
	}
	for _, o := range []struct {
		path   string
		object fields
	}{
		{"/api/v1/namespaces", namespace("shop")},
		{"/api/v1/namespaces", namespace("ingress-nginx")},
		{"/api/v1/namespaces/ingress-nginx/pods", fields{"apiVersion": "v1", "kind": "Pod", "metadata": fields{"name": "controller", "labels": fields{"app": "ingress-nginx"}}, "spec": pod}},
		{"/apis/networking.k8s.io/v1/ingressclasses", fields{"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": fields{"name": "nginx"}, "spec": fields{"controller": "k8s.io/ingress-nginx"}}},
		{"/api/v1/namespaces/shop/secrets", fields{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": fields{"name": "shop-tls"}, "data": fields{"tls.crt": cert, "tls.key": key}}},
		{"/api/v1/namespaces/shop/services", service("shop")},
		{"/api/v1/namespaces/shop/services", service("gone")},
		{sites, site("shop", fields{"tls": []any{fields{"hosts": []string{"shop.example.com"}, "secretName": "shop-tls"}}})},
		{sites, site("gone", fields{})},
	} {
		if _, err := c.ask(ctx, http.MethodPost, o.path, o.object); err != nil {
			return err
		}
	}
	return nil
}

// certificate makes a certificate of 60 days for a host, and its key, as secrets hold them.
func certificate(host string) (cert, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	now := time.Now()
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(60 * 24 * time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, of, of, &private.PublicKey, private)
	secret, failure := x509.MarshalPKCS8PrivateKey(private)
	if err := errors.Join(err, failure); err != nil {
		return "", "", err
	}
	held := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return held("CERTIFICATE", signed), held("PRIVATE KEY", secret), nil
}
