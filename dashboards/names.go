package dashboards

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
)

// Board names one dashboard.
type Board struct {
	// Name is what people call it: overview, oncall, leadership, burnline, slo:checkout/availability,
	// service:checkout.
	Name string
	// Kind is the folder that it belongs into.
	Kind Kind
	// UID is its address in Grafana, at most 40 characters. It depends on the name alone, so that links survive
	// every change of the SLO.
	UID string
	// Title is what Grafana shows.
	Title string
}

// Kind says what a dashboard is about; each kind has a folder of its own in Grafana.
type Kind string

// The kinds of dashboard.
const (
	KindGeneral  Kind = "general"
	KindSLOs     Kind = "slos"
	KindServices Kind = "services"
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{KindGeneral, KindSLOs, KindServices} }

// Folder is the title of the kind's folder in Grafana, which begins with the given title.
func (k Kind) Folder(title string) string {
	switch k {
	case KindSLOs:
		return title + " SLOs"
	case KindServices:
		return title + " services"
	}
	return title
}

// UIDPrefix begins the uid of every dashboard.
const UIDPrefix = "burnline-"

// The addresses of the dashboards for all SLOs.
const (
	overviewUID   = UIDPrefix + "overview"
	onCallUID     = UIDPrefix + "oncall"
	leadershipUID = UIDPrefix + "leadership"
	itselfUID     = UIDPrefix + "itself"
)

// sloUID is the address of an SLO's dashboard.
func sloUID(id string) string { return UIDPrefix + digest(id) }

// serviceUID is the address of a service's dashboard.
func serviceUID(name string) string { return UIDPrefix + "service-" + digest(name) }

// path is where the dashboard's file lies.
func (b Board) path() string {
	name := b.Name
	if kind, of, found := strings.Cut(b.Name, ":"); found {
		name = kind + "-" + readable(of) + "-" + digest(of)[:6] // the digest tells those apart that read alike
	}
	return path.Join("dashboards", string(b.Kind), name+".json")
}

// readable keeps what is harmless in the name of a file.
func readable(id string) string {
	kept := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, id)
	return kept[:min(len(kept), 100)]
}

func digest(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:8])
}
