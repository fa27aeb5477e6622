package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"
)

// crowded is how many requests come at once as a user who has few seats.
const crowded = 60

// apiserver makes requests to the API server, has some turned away and others fail, and keeps what it says.
func (s *stage) apiserver(ctx context.Context, c *cluster) error {
	for _, act := range []func(context.Context) error{c.edit, c.unchecked, c.crowd, c.withoutStore} {
		if err := act(ctx); err != nil {
			return err
		}
	}
	text, err := c.ask(ctx, http.MethodGet, "/metrics", nil)
	if err != nil {
		return err
	}
	version, err := c.version(ctx)
	if err != nil {
		return err
	}
	// What the server says of itself is a hundred times as much and tells nothing else.
	return s.keep("kubernetes-apiserver", "kube-apiserver "+version, text, func(labels map[string]string) bool {
		resource, named := labels["resource"]
		return !named || resource == "configmaps" || resource == "" // what is no resource is probes and the like
	})
}

// edit makes, reads, changes and deletes objects.
func (c *cluster) edit(ctx context.Context) error {
	for i := range 30 {
		path := "/api/v1/namespaces/shop/configmaps"
		name := fmt.Sprintf("settings-%d", i)
		object := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "data": map[string]any{"a": "1"}}
		steps := []struct {
			method, path string
			body         any
		}{
			{http.MethodPost, path, object},
			{http.MethodGet, path + "/" + name, nil},
			{http.MethodGet, path, nil},
			{http.MethodPut, path + "/" + name, object},
			{http.MethodPatch, path + "/" + name, map[string]any{"data": map[string]any{"a": "2"}}},
			{http.MethodDelete, path + "/" + name, nil},
		}
		for _, step := range steps {
			if _, err := c.ask(ctx, step.method, step.path, step.body); err != nil {
				return err
			}
		}
		if status, _, err := c.as(ctx, token, http.MethodGet, path+"/"+name, nil); err != nil || status != http.StatusNotFound {
			return fmt.Errorf("what was deleted is answered with %d: %w", status, err)
		}
	}
	return nil
}

// unchecked makes an object of which a webhook that isn't there should have been asked.
func (c *cluster) unchecked(ctx context.Context) error {
	path := "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
	_, err := c.ask(ctx, http.MethodPost, path, map[string]any{
		"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": map[string]any{"name": "policy"},
		"webhooks": []any{map[string]any{
			"name": "policy.example.com", "failurePolicy": "Ignore", "sideEffects": "None", "admissionReviewVersions": []string{"v1"}, "timeoutSeconds": 1,
			"clientConfig": map[string]any{"url": "https://127.0.0.1:1/"},
			"rules":        []any{map[string]any{"apiGroups": []string{""}, "apiVersions": []string{"v1"}, "operations": []string{"CREATE"}, "resources": []string{"secrets"}}},
		}},
	})
	if err != nil {
		return err
	}
	deadline, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for i := 0; ; i++ { // the server hears of the webhook a moment later
		_, err := c.ask(ctx, http.MethodPost, "/api/v1/namespaces/shop/secrets", map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": fmt.Sprintf("s-%d", i)}})
		if err != nil {
			return err
		}
		text, err := c.ask(ctx, http.MethodGet, "/metrics", nil)
		if err != nil || contains(text, "apiserver_admission_webhook_fail_open_count{") {
			return err
		}
		if err := pause(deadline, 200*time.Millisecond); err != nil {
			return fmt.Errorf("no webhook was asked: %w", err)
		}
	}
}

// crowd gives a user no more than one seat and comes with many requests at once, until some are turned away.
func (c *cluster) crowd(ctx context.Context) error {
	// Of the group that the recorder is in no request is ever turned away.
	_, err := c.ask(ctx, http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": "crowd"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "crowd"}},
	})
	if err != nil {
		return err
	}
	flow := "/apis/flowcontrol.apiserver.k8s.io/v1"
	_, err = c.ask(ctx, http.MethodPost, flow+"/prioritylevelconfigurations", map[string]any{
		"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "metadata": map[string]any{"name": "crowd"},
		"spec": map[string]any{"type": "Limited", "limited": map[string]any{"nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0, "limitResponse": map[string]any{"type": "Reject"}}},
	})
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, http.MethodPost, flow+"/flowschemas", map[string]any{
		"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": map[string]any{"name": "crowd"},
		"spec": map[string]any{
			"matchingPrecedence": 2, "priorityLevelConfiguration": map[string]any{"name": "crowd"},
			"rules": []any{map[string]any{
				"subjects":      []any{map[string]any{"kind": "User", "user": map[string]any{"name": "crowd"}}},
				"resourceRules": []any{map[string]any{"verbs": []string{"*"}, "apiGroups": []string{"*"}, "resources": []string{"*"}, "namespaces": []string{"*"}, "clusterScope": true}},
			}},
		},
	})
	if err != nil {
		return err
	}
	deadline, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for refused := 0; refused < 20; { // the server hears of the limit a moment later
		for _, status := range c.atOnce(ctx, "crowd", "/api/v1/namespaces/shop/configmaps", crowded) {
			if status == http.StatusTooManyRequests {
				refused++
			}
		}
		if err := pause(deadline, 100*time.Millisecond); err != nil {
			return fmt.Errorf("nothing was turned away: %w", err)
		}
	}
	return nil
}

// withoutStore stops etcd for a while, in which requests fail.
func (c *cluster) withoutStore(ctx context.Context) error {
	if err := c.etcd.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	statuses := c.atOnce(ctx, token, "/api/v1/namespaces/shop/configmaps/settings", 10)
	if err := c.etcd.Signal(syscall.SIGCONT); err != nil {
		return err
	}
	if !slices.ContainsFunc(statuses, func(status int) bool { return status >= http.StatusInternalServerError }) {
		return fmt.Errorf("nothing failed without etcd: %v", statuses)
	}
	deadline, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		_, err := c.ask(ctx, http.MethodGet, "/readyz", nil)
		if err == nil {
			return nil
		}
		if pause(deadline, 200*time.Millisecond) != nil {
			return fmt.Errorf("the server is not back: %w", err)
		}
	}
}

// atOnce asks many times at once and returns the statuses; 0 of a connection that the server cuts, as it does with some that
// it answers too late.
func (c *cluster) atOnce(ctx context.Context, user, path string, times int) []int {
	statuses := make([]int, times)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			if status, _, err := c.as(ctx, user, http.MethodGet, path, nil); err == nil {
				statuses[i] = status
			}
		})
	}
	all.Wait()
	return statuses
}
