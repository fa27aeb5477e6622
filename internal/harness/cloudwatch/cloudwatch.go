// Package cloudwatch stands in for the parts of AWS that exporters ask for metrics: CloudWatch's ListMetrics and GetMetricData,
// the tagging API's GetResources, and who asks. It keeps to what AWS documents of them, limits among it, and refuses what AWS refuses.
package cloudwatch

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Account is the account that everything is in.
const Account = "123456789012"

// Region is the region that everything is in.
const Region = "eu-central-1"

// Resource is what the tagging API lists.
type Resource struct {
	// ARN names it.
	ARN string
	// Tags are its tags; AWS lists only what has or had one.
	Tags map[string]string
}

// Metric is a metric of one set of dimensions, which AWS keeps apart from those of any other set.
type Metric struct {
	Namespace, Name string
	// Dimensions are its dimensions by name.
	Dimensions map[string]string
	// Minute returns what was measured in the minute that begins at start; nothing where nothing happened.
	Minute func(start time.Time) []float64
}

// Options say what there is.
type Options struct {
	Resources []Resource
	Metrics   []Metric
	// Now is the clock.
	Now func() time.Time
	// Late is how long after its end a minute can be asked for.
	Late time.Duration
}

// Server answers as AWS.
type Server struct{ o Options }

var _ http.Handler = (*Server)(nil)

// New returns a server; nothing runs until it is asked.
func New(o Options) *Server { return &Server{o: o} }

// refusal is an error of AWS.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

// invalid refuses a parameter as CloudWatch does.
func invalid(format string, args ...any) error {
	return &refusal{"InvalidParameterValue", fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one call: CloudWatch's in CBOR, tagging's in JSON, and those of who asks in XML.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch {
	case strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") && strings.HasPrefix(r.URL.Path, "/service/GraniteServiceVersion20100801/operation/"):
		s.metrics(w, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], body)
	case r.Header.Get("X-Amz-Target") == "ResourceGroupsTaggingAPI_20170126.GetResources":
		s.resources(w, body)
	case strings.Contains(string(body), "Action=GetCallerIdentity"):
		_, _ = fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, Account)
	case strings.Contains(string(body), "Action=ListAccountAliases"):
		_, _ = io.WriteString(w, `<ListAccountAliasesResponse><ListAccountAliasesResult><IsTruncated>false</IsTruncated><AccountAliases/></ListAccountAliasesResult></ListAccountAliasesResponse>`)
	default:
		http.Error(w, "there is no such operation", http.StatusNotFound)
	}
}

// metrics answers CloudWatch's operations.
func (s *Server) metrics(w http.ResponseWriter, operation string, body []byte) {
	answer, err := s.operate(operation, body)
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("Content-Type", "application/cbor")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		code, message, _ := strings.Cut(err.Error(), ": ")
		answer = cbor.Map{"__type": cbor.String(code), "message": cbor.String(message)}
	}
	_, _ = w.Write(cbor.Encode(answer))
}

// operate reads the input of an operation and does it.
func (s *Server) operate(operation string, body []byte) (cbor.Map, error) {
	v, err := cbor.Decode(body)
	if err != nil {
		return nil, &refusal{"SerializationException", err.Error()}
	}
	input, ok := v.(cbor.Map)
	if !ok {
		return nil, &refusal{"SerializationException", "the input is no map"}
	}
	switch operation {
	case "ListMetrics":
		return s.list(input)
	case "GetMetricData":
		return s.data(input)
	}
	return nil, &refusal{"UnknownOperationException", operation}
}

// kept is how long ListMetrics knows a metric after its newest datum, and how long ago it is recent.
const kept, recent = 14 * 24 * time.Hour, 3 * time.Hour

// list answers ListMetrics: what has had a datum in the last two weeks, or three hours where only those are asked for.
func (s *Server) list(input cbor.Map) (cbor.Map, error) {
	for _, key := range []string{"NextToken", "Dimensions"} {
		if _, ok := input[key]; ok {
			return nil, invalid("%s was not expected", key)
		}
	}
	since := kept
	if active, ok := input["RecentlyActive"]; ok {
		if active != cbor.String("PT3H") {
			return nil, invalid("RecentlyActive is PT3H")
		}
		since = recent
	}
	found := cbor.List{}
	for _, m := range s.o.Metrics {
		if text(input["Namespace"]) == m.Namespace && text(input["MetricName"]) == m.Name && s.seen(m, since) {
			found = append(found, cbor.Map{"Namespace": cbor.String(m.Namespace), "MetricName": cbor.String(m.Name), "Dimensions": pairs(m.Dimensions)})
		}
	}
	if len(found) > 500 {
		return nil, invalid("more metrics than fit on a page")
	}
	return cbor.Map{"Metrics": found}, nil
}

// seen reports whether a metric had a datum since. It looks at one minute in fifteen.
func (s *Server) seen(m Metric, since time.Duration) bool {
	end := s.o.Now().Add(-s.o.Late).Truncate(15 * time.Minute)
	for at := end.Add(-since); at.Before(end); at = at.Add(15 * time.Minute) {
		if len(m.Minute(at)) > 0 {
			return true
		}
	}
	return false
}

// types is the form of a filter of resources.
var types = regexp.MustCompile(`^[a-z0-9-]+(:[a-zA-Z0-9/_-]+)?$`)

// resources answers GetResources.
func (s *Server) resources(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	var input struct {
		ResourceTypeFilters []string
		ResourcesPerPage    int
		PaginationToken     string
		TagFilters          []struct{ Key string }
	}
	err := json.Unmarshal(body, &input)
	switch {
	case err != nil:
	case input.ResourcesPerPage < 1 || input.ResourcesPerPage > 100:
		err = fmt.Errorf("ResourcesPerPage is %d", input.ResourcesPerPage)
	case slices.ContainsFunc(input.ResourceTypeFilters, func(t string) bool { return !types.MatchString(t) }):
		err = fmt.Errorf("%q are no types", input.ResourceTypeFilters)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": "InvalidParameterException", "Message": err.Error()})
		return
	}
	type tag struct{ Key, Value string }
	type mapping struct {
		ResourceARN string
		Tags        []tag
	}
	found := []mapping{}
	for _, r := range s.o.Resources {
		if len(r.Tags) == 0 || !slices.ContainsFunc(input.ResourceTypeFilters, func(t string) bool { return typed(r.ARN, t) }) {
			continue
		}
		m := mapping{ResourceARN: r.ARN}
		for key, value := range r.Tags {
			m.Tags = append(m.Tags, tag{key, value})
		}
		if !slices.ContainsFunc(input.TagFilters, func(f struct{ Key string }) bool { _, ok := r.Tags[f.Key]; return !ok }) {
			found = append(found, m)
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ResourceTagMappingList": found, "PaginationToken": ""})
}

// typed reports whether an ARN, arn:aws:SERVICE:REGION:ACCOUNT:TYPE…, is of a type, SERVICE or SERVICE:TYPE.
func typed(arn, kind string) bool {
	parts := strings.SplitN(arn, ":", 6)
	service, resource, narrow := strings.Cut(kind, ":")
	if len(parts) != 6 || parts[2] != service {
		return false
	}
	return !narrow || strings.HasPrefix(parts[5], resource+"/") || strings.HasPrefix(parts[5], resource+":")
}

// text returns a text of an input; "" for anything else.
func text(v cbor.Value) string {
	t, _ := v.(cbor.String)
	return string(t)
}

// pairs writes dimensions as CloudWatch does.
func pairs(dimensions map[string]string) cbor.List {
	all := cbor.List{}
	for name, value := range dimensions {
		all = append(all, cbor.Map{"Name": cbor.String(name), "Value": cbor.String(value)})
	}
	return all
}
