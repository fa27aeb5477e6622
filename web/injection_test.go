package web

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"burnline/alerting"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

func TestNoTextFromOutsideBecomesMarkup(t *testing.T) {
	for name, text := range nasty.Texts() {
		s := newShop(noon)
		d := s.defs[0]
		d.Description, d.Journey, d.Team = text, text, text
		d.Labels, d.Annotations = map[string]string{"tier": text}, map[string]string{"runbook": text}
		group := slo.NewLabels("region", text)
		s.statuses[0].Group, s.statuses[0].Reason = group, text
		r := &s.records[0]
		r.Title, r.Summary, r.Incident.Group, r.Rows[0].Answer = text, text, group, text
		r.Rows[0].Message.Details = []alerting.Detail{{Name: text, Value: text}}
		srv := serve(t, s, nil)
		for _, path := range []string{"/", sloHref(d.ID, group), "/incidents", "/incidents/" + r.Incident.Key, "/system"} {
			_, body := get(t, srv.URL+path)
			for _, fault := range running(t, body) {
				t.Errorf("%s on %s: %s", name, path, fault)
			}
		}
	}
}

// running finds what a page would run that is not one of its own files.
func running(t *testing.T, page string) (faults []string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		if z.Next() == html.ErrorToken {
			if err := z.Err(); !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return faults
		}
		token := z.Token()
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		own := false
		for _, a := range token.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			own = own || a.Key == "src" && (strings.HasPrefix(value, "/assets/") || token.Data == "img" && strings.HasPrefix(value, "/spark/"))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || strings.HasPrefix(value, "javascript:") && (a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction") {
				faults = append(faults, token.String())
			}
		}
		if token.Data == "script" && !own || token.Data == "iframe" || token.Data == "object" || token.Data == "img" && !own {
			faults = append(faults, token.String())
		}
	}
}

func TestNoTextFromOutsideBecomesAFormula(t *testing.T) {
	for name, text := range nasty.Texts() {
		var out strings.Builder
		w := csv.NewWriter(&out)
		if err := w.Write([]string{cell(text)}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		row, err := csv.NewReader(strings.NewReader(out.String())).Read()
		if err != nil || len(row) != 1 || strings.ContainsAny(strings.TrimLeft(row[0], " \t\r\n")[:1], "=+-@") {
			t.Errorf("%s: %q, %v", name, row, err)
		}
	}
}
