package post_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"burnline/alerting"
	"burnline/alerting/post"
)

// accept takes every answer.
func accept(a post.Answer) alerting.Result {
	return a.Judge(a.Status == http.StatusOK, a.Line(string(a.Body)))
}

// client returns a client by an http_config in YAML.
func client(t *testing.T, text string) *post.Client {
	t.Helper()
	var c post.HTTPConfig
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	made, err := post.NewClient(post.Options{Receiver: "the far end", HTTP: &c})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAnHTTPConfigSignsInInEachOfItsWays(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("fr0m-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "fr0m-oauth", "token_type": "Bearer", "expires_in": 3600})
			return
		}
		_, _ = fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("X-Own"))
	}))
	t.Cleanup(server.Close)
	for config, want := range map[string]string{
		"authorization: {credentials: abc}":                                               "Bearer abc",
		"authorization: {type: Key, credentials_file: " + token + "}":                     "Key fr0m-file",
		"bearer_token: abc":                                                               "Bearer abc",
		"basic_auth: {username: me, password: pw}":                                        "Basic bWU6cHc=",
		"oauth2: {client_id: a, client_secret: b, token_url: '" + server.URL + "/token'}": "Bearer fr0m-oauth",
		"http_headers: {X-Own: {values: [mine]}}":                                         "mine",
		"enable_http2: false":                                                             "OK",
	} {
		r := client(t, config).Send(t.Context(), post.Request{URL: server.URL, Body: []byte("{}")}, accept)
		if r.Verdict != alerting.VerdictAccepted || r.Answer != "200 "+want {
			t.Errorf("%s: %+v", config, r)
		}
	}
}

func TestAProxyCarriesTheRequests(t *testing.T) {
	asked := ""
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(proxy.Close)
	r := client(t, "proxy_url: "+proxy.URL).Send(t.Context(), post.Request{URL: "http://far.example.com/hook", Body: []byte("{}")}, accept)
	if r.Verdict != alerting.VerdictAccepted || asked != "http://far.example.com/hook" {
		t.Errorf("%+v; the proxy was asked for %q", r, asked)
	}
}

func TestAConfigurationThatCannotHoldIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"oauth2: {client_id: a, client_secret: s3cret, token_url: 'http://x/', grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer'}": "grant_type",
		"tls_config: {ca_file: /nowhere/ca}":           "http_config.tls_config: unable to read CA cert",
		"authorization: {credentials_ref: vault/path}": "there is no secret manager",
	} {
		var c post.HTTPConfig
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			continue // Prometheus' own reader refuses it already
		}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestASecretIsShownInNoWay(t *testing.T) {
	held := struct {
		Key  post.Secret
		None post.Secret
	}{Key: "s3cret"}
	marshalled, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	written, err := yaml.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %q %s %x", held, held, held, held.Key, held.Key, held.Key) + string(marshalled) + string(written)
	if strings.Contains(all, "s3cret") || strings.Contains(all, "733363726574") || !strings.Contains(all, "<secret>") {
		t.Error(all)
	}
}

func TestASecretOfAFileIsReadEachTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	for _, text := range []string{"one", "two\n", ""} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := post.Read("key", "", file)
		if got != strings.TrimSpace(text) || (text == "") != (err != nil) {
			t.Errorf("%q is read as %q, %v", text, got, err)
		}
	}
	if _, err := post.Read("key", "a", file); err == nil || err.Error() != "key and key_file are both set; keep one" {
		t.Errorf("got %v", err)
	}
}

func TestAReceiverMayAskForTime(t *testing.T) {
	now := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{"": 0, "17": 17 * time.Second, now.Add(time.Minute).Format(http.TimeFormat): time.Minute} {
		if got := (post.Answer{Header: http.Header{"Retry-After": {value}}, Now: now}).Retry("busy"); got.RetryAfter != want {
			t.Errorf("%q is %s, want %s", value, got.RetryAfter, want)
		}
	}
}

func TestAnAddressIsHiddenAsAWholeAndByItsPath(t *testing.T) {
	parts := post.Parts("https://hooks.example.com/services/T0/s3cret?sig=s3cret")
	for _, text := range []string{"at https://hooks.example.com/services/T0/s3cret?sig=s3cret", "POST /services/T0/s3cret?sig=s3cret", "no route /services/T0/s3cret"} {
		if got := post.Hide(text, parts); strings.Contains(got, "s3cret") {
			t.Errorf("%q shows it", got)
		}
	}
	if got := post.Hide("not /ok", post.Parts("https://h/ok")); got != "not /ok" {
		t.Errorf("a word is hidden: %q", got)
	}
}

func TestAFarEndThatIsNotThereIsTriedAgainWithoutItsAddress(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := client(t, "{}").Send(t.Context(), post.Request{URL: "http://" + u.Host + "/s3cret"}, accept)
	if r.Verdict != alerting.VerdictRetry || !strings.HasPrefix(r.Answer, "no answer from the far end: dial tcp") || strings.Contains(r.Answer, "s3cret") {
		t.Errorf("got %+v", r)
	}
}
