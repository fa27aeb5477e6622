package cloudwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// noon is the time in these tests.
var noon = time.Date(2026, 11, 22, 12, 0, 30, 0, time.UTC)

// server has a balancer that answered a request a minute, and failed at 11:57 alone.
func server() *Server {
	balancer := map[string]string{"LoadBalancer": "app/shop/1"}
	return New(Options{
		Now:       func() time.Time { return noon },
		Late:      2 * time.Minute,
		Resources: []Resource{{ARN: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/1", Tags: map[string]string{"team": "shop"}}, {ARN: "arn:aws:sqs:eu-central-1:123456789012:untagged"}},
		Metrics: []Metric{
			{"AWS/ApplicationELB", "RequestCount", balancer, func(time.Time) []float64 { return []float64{1} }},
			{"AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer, func(minute time.Time) []float64 {
				if minute.Equal(noon.Truncate(time.Minute).Add(-3 * time.Minute)) {
					return []float64{1, 1}
				}
				return nil
			}},
			{"AWS/ApplicationELB", "NewConnectionCount", balancer, func(time.Time) []float64 { return nil }},
		},
	})
}

// operate asks for an operation and returns its answer, or how it was refused.
func operate(t *testing.T, operation string, input cbor.Map) (cbor.Map, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/service/GraniteServiceVersion20100801/operation/"+operation, bytes.NewReader(cbor.Encode(input)))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
	w := httptest.NewRecorder()
	server().ServeHTTP(w, r)
	v, err := cbor.Decode(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	answer := v.(cbor.Map)
	if w.Code == http.StatusOK {
		return answer, ""
	}
	return nil, text(answer["__type"]) + ": " + text(answer["message"])
}

// asks is a query of GetMetricData for the balancer, with what is different.
func asks(id, name string, different cbor.Map) cbor.Map {
	stat := cbor.Map{
		"Metric": cbor.Map{"Namespace": cbor.String("AWS/ApplicationELB"), "MetricName": cbor.String(name), "Dimensions": pairs(map[string]string{"LoadBalancer": "app/shop/1"})},
		"Period": cbor.Uint(300), "Stat": cbor.String("Sum"),
	}
	maps.Copy(stat, different)
	return cbor.Map{"Id": cbor.String(id), "MetricStat": stat}
}

// between is a call of GetMetricData.
func between(start, end time.Time, queries ...cbor.Value) cbor.Map {
	at := func(t time.Time) cbor.Value { return &cbor.Tag{ID: 1, Value: cbor.Float64(t.Unix())} }
	return cbor.Map{"StartTime": at(start), "EndTime": at(end), "MetricDataQueries": cbor.List(queries)}
}

func TestDataAreThoseOfPeriodsInWhichSomethingHappenedAndThatAreKnownByNow(t *testing.T) {
	t.Parallel()
	from, to := noon.Truncate(5*time.Minute).Add(-10*time.Minute), noon.Truncate(5*time.Minute)
	answer, refused := operate(t, "GetMetricData", between(from, to, asks("a", "RequestCount", nil), asks("b", "HTTPCode_ELB_5XX_Count", nil),
		asks("c", "RequestCount", cbor.Map{"Metric": cbor.Map{"Namespace": cbor.String("AWS/ApplicationELB"), "MetricName": cbor.String("RequestCount")}})))
	if refused != "" {
		t.Fatal(refused)
	}
	var told []string
	for _, v := range answer["MetricDataResults"].(cbor.List) {
		result := v.(cbor.Map)
		told = append(told, fmt.Sprint(result["Id"], result["Values"]))
	}
	// Of the newest five minutes the last two are not known yet; without dimensions it is another metric, and there is none.
	if got, want := strings.Join(told, " "), "a[3 5] b[2] c[]"; got != want {
		t.Errorf("told %s, not %s", got, want)
	}
}

func TestWhatCloudWatchRefusesIsRefused(t *testing.T) {
	t.Parallel()
	from, to := noon.Add(-10*time.Minute), noon
	crowd := make([]cbor.Value, maxQueries+1)
	for i := range crowd {
		crowd[i] = asks(fmt.Sprintf("q%d", i), "RequestCount", nil)
	}
	for name, input := range map[string]cbor.Map{
		"more than 500 queries":           between(from, to, crowd...),
		"no query":                        between(from, to),
		"an end before the start":         between(to, from, asks("a", "RequestCount", nil)),
		"an ID with a capital":            between(from, to, asks("A", "RequestCount", nil)),
		"an ID twice":                     between(from, to, asks("a", "RequestCount", nil), asks("a", "RequestCount", nil)),
		"a period of a minute and a half": between(from, to, asks("a", "RequestCount", cbor.Map{"Period": cbor.Uint(90)})),
		"an unknown statistic":            between(from, to, asks("a", "RequestCount", cbor.Map{"Stat": cbor.String("Median")})),
		"seconds of yesterday":            between(from.Add(-24*time.Hour), to, asks("a", "RequestCount", cbor.Map{"Period": cbor.Uint(10)})),
		"a dimension without a value": between(from, to, asks("a", "RequestCount", cbor.Map{"Metric": cbor.Map{
			"Namespace": cbor.String("x"), "MetricName": cbor.String("y"), "Dimensions": cbor.List{cbor.Map{"Name": cbor.String("LoadBalancer")}},
		}})),
	} {
		if _, refused := operate(t, "GetMetricData", input); !strings.HasPrefix(refused, "InvalidParameterValue: ") {
			t.Errorf("%s: refused as %q", name, refused)
		}
	}
}

func TestOnlyMetricsThatHadADatumAreListed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"RequestCount": 1, "NewConnectionCount": 0, "Unknown": 0} {
		answer, refused := operate(t, "ListMetrics", cbor.Map{"Namespace": cbor.String("AWS/ApplicationELB"), "MetricName": cbor.String(name), "RecentlyActive": cbor.String("PT3H")})
		if found, ok := answer["Metrics"].(cbor.List); !ok || len(found) != want {
			t.Errorf("%s: %v %s", name, answer, refused)
		}
	}
	if _, refused := operate(t, "ListMetrics", cbor.Map{"RecentlyActive": cbor.String("PT1H")}); refused == "" {
		t.Error("an hour is no time that CloudWatch knows")
	}
}

func TestOnlyTaggedResourcesOfTheTypesAreListed(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"ResourcesPerPage":100,"ResourceTypeFilters":["elasticloadbalancing:loadbalancer/app","sqs"]}`: "loadbalancer/app/shop/1",
		`{"ResourcesPerPage":100,"ResourceTypeFilters":["elasticloadbalancing:targetgroup"]}`:            "",
		`{"ResourcesPerPage":101}`: "InvalidParameterException",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Amz-Target", "ResourceGroupsTaggingAPI_20170126.GetResources")
		w := httptest.NewRecorder()
		server().ServeHTTP(w, r)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if said := w.Body.String(); !strings.Contains(said, want) || strings.Contains(said, "untagged") || want == "" && strings.Contains(said, "arn:") {
			t.Errorf("%s: %s", body, said)
		}
	}
}
