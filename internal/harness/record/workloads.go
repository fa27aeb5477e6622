package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"burnline/internal/harness"
)

// contains reports whether a text has a part.
func contains(text []byte, part string) bool { return bytes.Contains(text, []byte(part)) }

// pause waits, or returns why ctx ended first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fields is a part of an object.
type fields = map[string]any

// workloads makes objects and tells of them what controllers and kubelets would: a deployment that answers and one whose
// rollout is stuck without any replica, a stateful set that is whole and one that lost its majority, a pod that
// restarts, a node that is gone, and a job that failed beside one that needed a second try.
func (c *cluster) workloads(ctx context.Context) error {
	now := time.Now().UTC().Format(time.RFC3339)
	labels := fields{"app": "x"}
	pod := fields{"containers": []any{fields{"name": "app", "image": "example.com/app:1"}}}
	template := fields{"metadata": fields{"labels": labels}, "spec": pod}
	batch := fields{"metadata": fields{"labels": labels}, "spec": fields{"restartPolicy": "Never", "containers": pod["containers"]}}
	set := fields{"replicas": 3, "selector": fields{"matchLabels": labels}, "template": template}
	stateful := fields{"replicas": 3, "serviceName": "x", "selector": fields{"matchLabels": labels}, "template": template}
	condition := func(kind, status, reason string) fields {
		return fields{"type": kind, "status": status, "reason": reason, "lastTransitionTime": now, "lastUpdateTime": now}
	}
	container := func(restarts int) []any {
		return []any{fields{"name": "app", "image": "example.com/app:1", "imageID": "", "ready": true, "restartCount": restarts, "state": fields{"running": fields{"startedAt": now}}}}
	}
	short := func(kind, status, reason string) fields {
		return fields{"type": kind, "status": status, "reason": reason, "lastTransitionTime": now}
	}
	objects := []struct {
		path, kind, name string
		spec, status     fields
	}{
		{"/api/v1/namespaces", "v1/Namespace", "shop", nil, nil},
		{"/apis/apps/v1/namespaces/shop/deployments", "apps/v1/Deployment", "web", set, fields{
			"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3,
			"conditions": []any{condition("Progressing", "True", "NewReplicaSetAvailable"), condition("Available", "True", "MinimumReplicasAvailable")},
		}},
		{"/apis/apps/v1/namespaces/shop/deployments", "apps/v1/Deployment", "checkout", set, fields{
			"replicas": 3, "updatedReplicas": 3, "unavailableReplicas": 3,
			"conditions": []any{condition("Progressing", "False", "ProgressDeadlineExceeded"), condition("Available", "False", "MinimumReplicasUnavailable")},
		}},
		{"/apis/apps/v1/namespaces/shop/statefulsets", "apps/v1/StatefulSet", "orders", stateful, fields{"replicas": 3, "readyReplicas": 3, "availableReplicas": 3}},
		{"/apis/apps/v1/namespaces/shop/statefulsets", "apps/v1/StatefulSet", "carts", stateful, fields{"replicas": 3, "readyReplicas": 1, "availableReplicas": 1}},
		{"/api/v1/namespaces/shop/pods", "v1/Pod", "web-1", pod, fields{"phase": "Running", "containerStatuses": container(0)}},
		{"/api/v1/namespaces/shop/pods", "v1/Pod", "checkout-1", pod, fields{"phase": "Running", "containerStatuses": container(12)}},
		{"/api/v1/namespaces/shop/pods", "v1/Pod", "checkout-2", pod, nil},
		{"/api/v1/nodes", "v1/Node", "node-1", fields{}, fields{"conditions": []any{short("Ready", "True", "KubeletReady")}}},
		{"/api/v1/nodes", "v1/Node", "node-2", fields{}, fields{"conditions": []any{short("Ready", "Unknown", "NodeStatusUnknown")}}},
		{"/apis/batch/v1/namespaces/shop/jobs", "batch/v1/Job", "bill", fields{"template": batch}, fields{
			"startTime": now, "failed": 7, "conditions": []any{short("FailureTarget", "True", "BackoffLimitExceeded"), short("Failed", "True", "BackoffLimitExceeded")},
		}},
		{"/apis/batch/v1/namespaces/shop/jobs", "batch/v1/Job", "mail", fields{"template": batch}, fields{
			"startTime": now, "completionTime": now, "failed": 1, "succeeded": 1,
			"conditions": []any{short("SuccessCriteriaMet", "True", "CompletionsReached"), short("Complete", "True", "CompletionsReached")},
		}},
	}
	for _, o := range objects {
		slash := bytes.LastIndexByte([]byte(o.kind), '/')
		object := fields{"apiVersion": o.kind[:slash], "kind": o.kind[slash+1:], "metadata": fields{"name": o.name}}
		if o.spec != nil {
			object["spec"] = o.spec
		}
		if _, err := c.ask(ctx, http.MethodPost, o.path, object); err != nil {
			return err
		}
		if o.status == nil {
			continue
		}
		if _, err := c.ask(ctx, http.MethodPatch, o.path+"/"+o.name+"/status", fields{"status": o.status}); err != nil {
			return err
		}
	}
	return nil
}

// access writes how the API server is reached and returns the path.
func (s *stage) access(c *cluster) (string, error) {
	path := filepath.Join(s.dir, "kubeconfig")
	return path, os.WriteFile(path, fmt.Appendf(nil, `
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: %q, insecure-skip-tls-verify: true}}]
users: [{name: recorder, user: {token: %q}}]
contexts: [{name: here, context: {cluster: here, user: recorder}}]
current-context: here
`, c.url, token), 0o600)
}

// stateMetrics keeps what kube-state-metrics says of the objects.
func (s *stage) stateMetrics(ctx context.Context, c *cluster) error {
	free, err := addresses(ctx, 2)
	if err != nil {
		return err
	}
	access, err := s.access(c)
	if err != nil {
		return err
	}
	host, port, _ := bytes.Cut([]byte(free[0]), []byte(":"))
	_, telemetry, _ := bytes.Cut([]byte(free[1]), []byte(":"))
	p, err := s.start(ctx, "kube-state-metrics", "", nil, "--kubeconfig", access, "--host", string(host), "--port", string(port),
		"--telemetry-host", string(host), "--telemetry-port", string(telemetry), "--resources", "deployments,statefulsets,pods,nodes,jobs")
	if err != nil {
		return err
	}
	var text []byte
	err = harness.Poll(ctx, 200*time.Millisecond, func() (bool, error) {
		var err error
		text, err = said(ctx, http.DefaultClient, "http://"+free[0]+"/metrics")
		whole := err == nil
		for _, object := range []string{`deployment="checkout"`, `statefulset="carts"`, `pod="checkout-2"`, `node="node-2"`, `job_name="mail"`} {
			whole = whole && contains(text, object)
		}
		return whole, nil
	})
	if err != nil {
		return fmt.Errorf("kube-state-metrics never tells all: %w\n%s", err, p.Output())
	}
	api, err := c.version(ctx)
	if err != nil {
		return err
	}
	own, err := said(ctx, http.DefaultClient, "http://"+free[1]+"/metrics")
	if err != nil {
		return err
	}
	return s.keep("kubernetes-workloads", "kube-state-metrics "+labelIn(own, "kube_state_metrics_build_info", "version")+" beside kube-apiserver "+api, text, nil)
}
