package openslo

import (
	"fmt"
	"slices"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// The versions that are read.
const (
	v1      = "openslo/v1"
	v1alpha = "openslo/v1alpha"
)

// The kinds of objects.
const (
	kindSLO       = "SLO"
	kindSLI       = "SLI"
	kindPolicy    = "AlertPolicy"
	kindCondition = "AlertCondition"
	kindTarget    = "AlertNotificationTarget"
	kindSource    = "DataSource"
	kindService   = "Service"
)

// key names an object that others refer to.
type key struct{ kind, name string }

// object is one that others refer to; exactly one of the specs is its kind's.
type object struct {
	doc       *yamlconf.Document
	meta      metadata
	sli       sliSpec
	policy    alertPolicySpec
	condition conditionSpec
	source    dataSourceSpec
	broken    bool // it has errors
	used      bool
}

// promised is an SLO that waits until all objects are known.
type promised struct {
	doc      *yamlconf.Document
	findings slo.Findings
	v1       *document[sloSpec]
	alpha    *document[alphaSLO]
}

// objects is everything of one load.
type objects struct {
	promises []promised
	byName   map[key]*object
	order    []key
	findings slo.Findings
}

func newObjects() *objects { return &objects{byName: map[key]*object{}} }

// add reads a document of any version and kind.
func (o *objects) add(doc *yamlconf.Document) {
	version, kind := doc.Text("apiVersion"), doc.Text("kind")
	switch {
	case version == v1alpha && kind == kindSLO:
		d := &document[alphaSLO]{}
		o.promises = append(o.promises, promised{doc: doc, findings: doc.Decode(d), alpha: d})
	case version == v1 && kind == kindSLO:
		d := &document[sloSpec]{}
		o.promises = append(o.promises, promised{doc: doc, findings: doc.Decode(d), v1: d})
	case version == v1alpha && kind == kindService, version == v1:
		o.object(doc, kind)
	case version == v1alpha:
		o.refuse(doc, "kind", fmt.Sprintf("the kind %q is not one of openslo/v1alpha", kind), "write SLO or Service")
	default:
		o.refuse(doc, "apiVersion", fmt.Sprintf("the version %q is not read", version), "write openslo/v1 or openslo/v1alpha")
	}
}

func (o *objects) refuse(doc *yamlconf.Document, path, message, instead string) {
	o.findings = append(o.findings, doc.Finding(path, message, instead))
}

// object reads one that others refer to.
func (o *objects) object(doc *yamlconf.Document, kind string) {
	obj := &object{doc: doc}
	var r report
	switch kind {
	case kindService:
		decode[serviceSpec](&r, obj)
	case kindTarget:
		decode[targetSpec](&r, obj)
	case kindSource:
		obj.source = decode[dataSourceSpec](&r, obj)
	case kindSLI:
		obj.sli = decode[sliSpec](&r, obj)
	case kindPolicy:
		obj.policy = decode[alertPolicySpec](&r, obj)
	case kindCondition:
		obj.condition = decode[conditionSpec](&r, obj)
	default:
		o.refuse(doc, "kind", fmt.Sprintf("unknown kind %q", kind),
			"write SLO, SLI, AlertPolicy, AlertCondition, AlertNotificationTarget, DataSource or Service")
		return
	}
	r.objectName(place{doc, "metadata.name"}, obj.meta.Name)
	k := key{kind, obj.meta.Name}
	switch first, taken := o.byName[k]; {
	case taken && (kind == kindService || kind == kindTarget):
		r.warn(place{doc, "metadata.name"}, fmt.Sprintf("the %s %s exists already, at %s:%d, and that one is taken", kind, k.name, first.doc.File(), first.doc.Line()),
			"keep one of them")
	case taken && obj.meta.Name != "":
		r.wrong(place{doc, "metadata.name"}, fmt.Sprintf("the %s %s exists already, at %s:%d", kind, k.name, first.doc.File(), first.doc.Line()),
			"give it another name, or keep one of them")
	default:
		o.byName[k] = obj
		o.order = append(o.order, k)
	}
	obj.broken = r.failed()
	o.findings = append(o.findings, r.findings...)
}

func decode[S any](r *report, obj *object) S {
	var d document[S]
	r.decoded(obj.doc, obj.doc.Decode(&d))
	obj.meta = d.Metadata
	return d.Spec
}

// find returns an object that something refers to, or nil.
func (o *objects) find(kind, name string) *object {
	obj := o.byName[key{kind, name}]
	if obj != nil {
		obj.used = true
	}
	return obj
}

// names lists the names of a kind, for findings.
func (o *objects) names(kind string) []string {
	var all []string
	for _, k := range o.order {
		if k.kind == kind {
			all = append(all, k.name)
		}
	}
	slices.Sort(all)
	return all
}

// unused reports what decides nothing because no SLO refers to it.
func (o *objects) unused() {
	for _, k := range o.order {
		obj := o.byName[k]
		if obj.used || obj.broken {
			continue
		}
		at := place{obj.doc, "metadata.name"}
		r := report{}
		switch k.kind {
		case kindSLI:
			r.warn(at, fmt.Sprintf("no SLO that is read refers to the SLI %s, so nothing is measured by it", k.name), "name it as indicatorRef of an SLO")
		case kindPolicy:
			r.warn(at, fmt.Sprintf("no SLO that is read refers to the alert policy %s, so it tells nobody", k.name), "name it in alertPolicies of an SLO")
		case kindCondition:
			r.warn(at, fmt.Sprintf("no alert policy in use refers to the condition %s", k.name), "name it in conditions of an alert policy")
		}
		o.findings = append(o.findings, r.findings...)
	}
}
