package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"burnline/internal/harness"
)

// token is by which the recorder is let in.
const token = "recorder"

// cluster is an API server with its etcd.
type cluster struct {
	url    string
	client *http.Client
	etcd   *harness.Process
}

// recordKubernetes records the API server and kube-state-metrics beside it.
func recordKubernetes(ctx context.Context, s *stage) error {
	c, err := s.cluster(ctx)
	if err != nil {
		return err
	}
	if err := c.workloads(ctx); err != nil {
		return err
	}
	if err := s.stateMetrics(ctx, c); err != nil {
		return err
	}
	return s.apiserver(ctx, c)
}

// cluster starts etcd and an API server, whose requests end after three seconds, so that failures come soon.
func (s *stage) cluster(ctx context.Context) (*cluster, error) {
	free, err := addresses(ctx, 3)
	if err != nil {
		return nil, err
	}
	store, peer, api := "http://"+free[0], "http://"+free[1], free[2]
	c := &cluster{url: "https://" + api, client: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the server makes its own certificate
	}}}
	c.etcd, err = s.start(ctx, "etcd", store+"/health", nil, "--data-dir", filepath.Join(s.dir, "etcd"), "--listen-client-urls", store,
		"--advertise-client-urls", store, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)
	if err != nil {
		return nil, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	accounts, tokens := filepath.Join(s.dir, "accounts.pem"), filepath.Join(s.dir, "tokens")
	if err := os.WriteFile(accounts, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600); err != nil {
		return nil, err
	}
	if err := os.WriteFile(tokens, []byte(token+",recorder,1,system:masters\ncrowd,crowd,2\n"), 0o600); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(api)
	if err != nil {
		return nil, err
	}
	p, err := s.start(ctx, "kube-apiserver", "", nil, "--etcd-servers", store, "--bind-address", host, "--secure-port", port,
		"--cert-dir", s.dir, "--token-auth-file", tokens, "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/24",
		"--service-account-issuer", "https://recorder.example", "--service-account-key-file", accounts, "--service-account-signing-key-file", accounts,
		"--disable-admission-plugins", "ServiceAccount", "--request-timeout", "3s")
	if err != nil {
		return nil, err
	}
	err = harness.Poll(ctx, 200*time.Millisecond, func() (bool, error) {
		_, err := c.ask(ctx, http.MethodGet, "/readyz", nil)
		return err == nil, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the API server is never ready: %w\n%s", err, p.Output())
	}
	return c, nil
}

// ask asks as the recorder does; an answer other than 2xx is an error.
func (c *cluster) ask(ctx context.Context, method, path string, body any) ([]byte, error) {
	status, answer, err := c.as(ctx, token, method, path, body)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("%s %s: %d: %s", method, path, status, strings.TrimSpace(string(answer)))
	}
	return answer, err
}

// as asks as one of the users and returns status and body.
func (c *cluster) as(ctx context.Context, user, method, path string, body any) (int, []byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+user)
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }() // all was read
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// version returns the API server's version.
func (c *cluster) version(ctx context.Context) (string, error) {
	answer, err := c.ask(ctx, http.MethodGet, "/version", nil)
	if err != nil {
		return "", err
	}
	var v struct{ GitVersion string }
	return v.GitVersion, json.Unmarshal(answer, &v)
}
