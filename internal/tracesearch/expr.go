package tracesearch

import (
	"regexp"
)

// Expr is a condition on a span.
type Expr interface {
	// matches reports whether a span meets it.
	matches(s *spanView) bool
	// may reports whether a span of the trace could meet it.
	may(i Index) bool
	// rewrite returns it with its values replaced.
	rewrite(f func(attribute, value string) string) Expr
}

// Op compares a field with a value.
type Op string

// The operators. A field that a span doesn't have meets none but Is with Nil.
const (
	Is       Op = "="
	IsNot    Op = "!="
	Less     Op = "<"
	AtMost   Op = "<="
	More     Op = ">"
	AtLeast  Op = ">="
	Fits     Op = "=~"
	FitsNot  Op = "!~"
	mostText    = 1024 // of a value
)

// Attribute is the condition that an attribute of the span or of its resource has a value,
// in whatever type it came.
func Attribute(name, value string) Expr {
	return compare{field: Field{ScopeAny, name}, op: Is, value: value}
}

// Service is the condition that the span is of a service.
func Service(name string) Expr {
	return compare{field: Field{ScopeResource, "service.name"}, op: Is, value: name}
}

// SLO is the condition that the span is bad for an SLO.
func SLO(id string) Expr {
	return compare{field: Field{ScopeSpan, SLOAttribute}, op: Is, value: id}
}

// SpanName is the condition that the span has a name.
func SpanName(name string) Expr {
	return compare{field: Field{ScopeIntrinsic, "name"}, op: Is, value: name}
}

// Anywhere is the condition that one of the attributes has a value, be it of the span, its
// resource, its library, or one of its events and links.
func Anywhere(names []string, value string) Expr {
	var some Expr = constant(false)
	for _, name := range names {
		for _, scope := range []Scope{ScopeSpan, ScopeResource, ScopeLibrary, ScopeEvent, ScopeLink} {
			some = either{some, compare{field: Field{scope, name}, op: Is, value: value}}
		}
	}
	return some
}

// Failed is the condition that the span has the status error.
func Failed() Expr {
	return compare{field: Field{ScopeIntrinsic, "status"}, op: Is, value: "error"}
}

// All is the condition that one span meets all of them; nil where there are none.
func All(conditions ...Expr) Expr {
	var all Expr
	for _, e := range conditions {
		switch {
		case all == nil:
			all = e
		case e != nil:
			all = both{all, e}
		}
	}
	return all
}

// Rewrite returns the condition with the values that attributes are compared with replaced,
// for attributes that are not stored as they came. e may be nil.
func Rewrite(e Expr, f func(attribute, value string) string) Expr {
	if e == nil {
		return nil
	}
	return e.rewrite(f)
}

// May reports whether a span of the trace could meet the condition. e may be nil.
func May(e Expr, i Index) bool { return e == nil || e.may(i) }

type both struct{ a, b Expr }

func (e both) matches(s *spanView) bool { return e.a.matches(s) && e.b.matches(s) }
func (e both) may(i Index) bool         { return e.a.may(i) && e.b.may(i) }
func (e both) rewrite(f func(attribute, value string) string) Expr {
	return both{e.a.rewrite(f), e.b.rewrite(f)}
}

type either struct{ a, b Expr }

func (e either) matches(s *spanView) bool { return e.a.matches(s) || e.b.matches(s) }
func (e either) may(i Index) bool         { return e.a.may(i) || e.b.may(i) }
func (e either) rewrite(f func(attribute, value string) string) Expr {
	return either{e.a.rewrite(f), e.b.rewrite(f)}
}

type not struct{ e Expr }

func (e not) matches(s *spanView) bool                            { return !e.e.matches(s) }
func (e not) may(Index) bool                                      { return true }
func (e not) rewrite(f func(attribute, value string) string) Expr { return not{e.e.rewrite(f)} }

// constant is true or false.
type constant bool

func (e constant) matches(*spanView) bool                            { return bool(e) }
func (e constant) may(Index) bool                                    { return bool(e) }
func (e constant) rewrite(func(attribute, value string) string) Expr { return e }

// compare holds a field against a value.
type compare struct {
	field Field
	op    Op
	// value is the value's one text, and number what it counts: nanoseconds of a duration.
	value  string
	number float64
	isNil  bool
	re     *regexp.Regexp // of Fits and FitsNot
}

func (e compare) rewrite(f func(attribute, value string) string) Expr {
	if e.field.Scope != ScopeIntrinsic && !e.isNil && (e.op == Is || e.op == IsNot) {
		e.value = f(e.field.Name, e.value)
	}
	return e
}

// may asks the index for what only equality demands.
func (e compare) may(i Index) bool {
	switch {
	case e.isNil:
		return true
	case e.field.Scope == ScopeIntrinsic:
		return e.mayIntrinsic(i)
	case e.op == Is:
		key, indexed := AttributeKey(e.field.Name, e.value)
		return !indexed || i.Has(key)
	}
	return true
}

func (e compare) mayIntrinsic(i Index) bool {
	switch e.field.Name {
	case "name":
		return e.op != Is || len(e.value) > mostIndexed || i.Has(nameKey(e.value))
	case "rootName": // some span's name
		return e.op != Is || len(e.value) > mostIndexed || i.Has(nameKey(e.value))
	case "rootServiceName":
		key, indexed := AttributeKey("service.name", e.value)
		return e.op != Is || !indexed || e.value == unknown || i.Has(key)
	case "status":
		return e.op != Is || e.value != "error" || i.Failed()
	case "duration", "traceDuration": // no span takes longer than its trace
		switch e.op {
		case More:
			return float64(i.Duration()) > e.number
		case AtLeast, Is:
			return float64(i.Duration()) >= e.number
		}
	}
	return true
}
