package dist_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"burnline/internal/app"
	"burnline/slo/spec"
)

// kinds are the types by which Kubernetes reads what kubernetes/ has.
var kinds = map[string]func() any{
	"v1 Namespace":                           func() any { return new(core.Namespace) },
	"v1 ConfigMap":                           func() any { return new(core.ConfigMap) },
	"v1 Service":                             func() any { return new(core.Service) },
	"apps/v1 StatefulSet":                    func() any { return new(apps.StatefulSet) },
	"networking.k8s.io/v1 NetworkPolicy":     func() any { return new(networking.NetworkPolicy) },
	"policy/v1 PodDisruptionBudget":          func() any { return new(policy.PodDisruptionBudget) },
	"autoscaling/v2 HorizontalPodAutoscaler": func() any { return new(autoscaling.HorizontalPodAutoscaler) },
}

// built is what kustomize makes of a folder, by kind and name.
func built(t *testing.T, folder string) map[string]any {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	for _, r := range made.Resources() {
		text := r.MustYaml()
		kind := r.GetApiVersion() + " " + r.GetKind()
		var value any
		if known := kinds[kind]; known != nil {
			value = known()
			err = yaml.UnmarshalStrict([]byte(text), value)
		} else {
			value = map[string]any{}
			err = held(t, kind, text)
		}
		if err != nil {
			t.Errorf("%s: %s %s: %v", folder, kind, r.GetName(), err)
		}
		all[r.GetKind()+" "+r.GetName()] = value
	}
	return all
}

// held holds a resource of KEDA against KEDA's own schema.
func held(t *testing.T, kind, text string) error {
	t.Helper()
	file, ok := map[string]string{
		"keda.sh/v1alpha1 ScaledObject":          "testdata/keda/scaledobjects.yaml",
		"keda.sh/v1alpha1 TriggerAuthentication": "testdata/keda/triggerauthentications.yaml",
	}[kind]
	if !ok {
		return fmt.Errorf("no type and no schema is known for %s", kind)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct{ OpenAPIV3Schema json.RawMessage }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, file)), &crd); err != nil {
		return err
	}
	var loose map[string]any
	if err := json.Unmarshal(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &loose); err != nil {
		return err
	}
	closed, err := json.Marshal(strict(loose))
	if err != nil {
		return err
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(closed, &schema); err != nil {
		return err
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return err
	}
	var value map[string]any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	delete(value, "metadata") // every resource has it, and no schema of one lists what is in it
	return resolved.Validate(value)
}

// strict is a schema in which a word that isn't listed is an error, as it is one for kubectl.
func strict(node any) any {
	switch n := node.(type) {
	case map[string]any:
		_, has := n["properties"].(map[string]any)
		if n["type"] == "object" && has {
			n["additionalProperties"] = false
		}
		if n["x-kubernetes-int-or-string"] == true {
			return map[string]any{"type": []any{"integer", "string"}}
		}
		delete(n, "format")
		for _, k := range slices.Collect(maps.Keys(n)) {
			n[k] = strict(n[k])
		}
	case []any:
		for i := range n {
			n[i] = strict(n[i])
		}
	}
	return node
}

// Each folder is made by kustomize and read by the types of Kubernetes, which know no further words.
func TestKubernetesTakesWhatIsShipped(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string][]string{
		"kubernetes/one":     {"ConfigMap burnline-config", "ConfigMap burnline-slos", "Namespace burnline", "NetworkPolicy burnline", "Service burnline", "StatefulSet burnline"},
		"kubernetes/ha":      {"ConfigMap burnline-config", "ConfigMap burnline-slos", "HorizontalPodAutoscaler burnline", "Namespace burnline", "NetworkPolicy burnline", "PodDisruptionBudget burnline", "Service burnline", "StatefulSet burnline"},
		"kubernetes/scaling": {"ScaledObject burnline", "ScaledObject checkout", "TriggerAuthentication burnline"},
	} {
		got := slices.Sorted(maps.Keys(built(t, folder)))
		if !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", folder, got, want)
		}
	}
}

// What a pod is given as configuration starts a Burnline, and its SLOs have no finding.
func TestTheConfigurationOfThePodsIsRight(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"kubernetes/one", "kubernetes/ha"} {
		all := built(t, folder)
		dir := t.TempDir()
		secrets := filepath.Join(dir, "secrets")
		put(t, filepath.Join(secrets, "pagerduty-routing-key"), "0123456789abcdef0123456789abcdef")
		config := all["ConfigMap burnline-config"].(*core.ConfigMap).Data["burnline.yaml"]
		put(t, filepath.Join(dir, "burnline.yaml"), strings.ReplaceAll(config, "/run/secrets/burnline", secrets))
		for name, text := range all["ConfigMap burnline-slos"].(*core.ConfigMap).Data {
			put(t, filepath.Join(dir, "slos", name), text)
		}
		c, findings, err := app.LoadConfig(filepath.Join(dir, "burnline.yaml"))
		if err != nil || len(findings.Errors()) > 0 {
			t.Errorf("%s: %v, %v", folder, findings, err)
		}
		if f := c.Server.Auth.FirstAdmin; f == nil || f.PasswordFile != filepath.Join(secrets, "admin-password") {
			t.Errorf("%s: nobody is let in by the secret: %+v", folder, f)
		}
		if set, findings, err := spec.Load([]string{filepath.Join(dir, "slos")}); err != nil || len(findings.Errors()) > 0 || len(set.Definitions) == 0 {
			t.Errorf("%s: %d SLOs, %v, %v", folder, len(set.Definitions), findings, err)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Kubernetes kills what fails its liveness probe and sends nothing to what isn't ready, so each asks for what it means.
func TestAPodIsKilledOnlyWhenItDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"kubernetes/one", "kubernetes/ha"} {
		pod := built(t, folder)["StatefulSet burnline"].(*apps.StatefulSet).Spec.Template.Spec
		c := pod.Containers[0]
		for probe, path := range map[*core.Probe]string{c.StartupProbe: "/-/started", c.LivenessProbe: "/-/healthy", c.ReadinessProbe: "/-/healthy"} {
			if probe == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != "http" {
				t.Errorf("%s: a probe is %+v, want %s", folder, probe, path)
			}
		}
		if len(pod.InitContainers) > 0 {
			t.Errorf("%s: %s stands before the server, and keeps it from paging while what it needs is away", folder, pod.InitContainers[0].Name)
		}
		if s := c.SecurityContext; !*pod.SecurityContext.RunAsNonRoot || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem {
			t.Errorf("%s: the pod may more than it needs: %+v", folder, s)
		}
	}
}

// The autoscaler alone says how many pods there are, at a new apply too, and a drain takes one of however many.
func TestPodsAreTakenAwayOneAtATime(t *testing.T) {
	t.Parallel()
	all := built(t, "kubernetes/ha")
	if n := all["StatefulSet burnline"].(*apps.StatefulSet).Spec.Replicas; n != nil {
		t.Errorf("each apply makes them %d pods, whatever the autoscaler found right", *n)
	}
	if n := all["HorizontalPodAutoscaler burnline"].(*autoscaling.HorizontalPodAutoscaler).Spec.MinReplicas; n == nil || *n < 2 {
		t.Errorf("the autoscaler leaves %v pods", n)
	}
	if s := all["PodDisruptionBudget burnline"].(*policy.PodDisruptionBudget).Spec; s.MaxUnavailable == nil || s.MaxUnavailable.IntValue() != 1 {
		t.Errorf("a drain may take %+v", s)
	}
}

// What kills by the health check, as Swarm does, must not kill what pages on a full disk.
func TestTheImageIsHealthyWhenItHasStarted(t *testing.T) {
	t.Parallel()
	if text := read(t, "docker/Dockerfile"); !strings.Contains(text, `CMD ["/burnline", "ready", "--started"]`) {
		t.Errorf("the health check asks for something else:\n%s", text)
	}
}
