package tracesearch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Properties are the names of all fields that are no attributes.
func Properties() []string {
	return []string{
		"duration", "event:name", "instrumentation:name", "instrumentation:version", "kind", "link:spanID", "link:traceID", "name",
		"rootName", "rootServiceName", "span:id", "span:parentID", "status", "statusMessage", "trace:id", "traceDuration",
	}
}

// property returns the name by which a property is known here; several have two.
func property(name string) (string, bool) {
	switch name {
	case "span:duration", "span:kind", "span:name", "span:status", "span:statusMessage":
		return strings.TrimPrefix(name, "span:"), true
	case "trace:duration":
		return "traceDuration", true
	case "trace:rootName":
		return "rootName", true
	case "trace:rootService":
		return "rootServiceName", true
	}
	return name, slices.Contains(Properties(), name)
}

// ParseField reads the name of a field: resource.service.name, .region, name.
func ParseField(name string) (Field, error) { return fieldOf(token{kindWord, name, 1}) }

func fieldOf(t token) (Field, error) {
	if name, ok := property(t.text); ok {
		return Field{ScopeIntrinsic, name}, nil
	}
	scope, name, ok := strings.Cut(t.text, ".")
	switch s := Scope(scope); s {
	case ScopeAny, ScopeResource, ScopeSpan, ScopeEvent, ScopeLink, ScopeLibrary:
		if ok && name != "" {
			return Field{s, name}, nil
		}
	}
	return Field{}, &SyntaxError{t.at, fmt.Sprintf("%q is no field", t.text),
		"put a scope before an attribute, as in span.http.route, resource.service.name or .region; the other fields are " + strings.Join(Properties(), ", ")}
}

// value reads what a field is compared with.
func value(f Field, op Op, sign, t token) (Expr, error) {
	e := compare{field: f, op: op, value: t.text}
	wrong := func(message, instead string) (Expr, error) { return nil, &SyntaxError{t.at, message, instead} }
	ordered := op == Less || op == AtMost || op == More || op == AtLeast
	switch {
	case t.kind != kindWord && t.kind != kindText:
		return wrong("a value is missing, "+t.String()+" stands there", `write a text such as "shop", a number, or a duration such as 100ms`)
	case len(t.text) > mostText:
		return wrong(fmt.Sprintf("the text is longer than %d bytes", mostText), "look for a part of it with =~")
	case f.Scope == ScopeIntrinsic && (f.Name == "duration" || f.Name == "traceDuration"):
		d, err := time.ParseDuration(t.text)
		if err != nil || t.kind != kindWord || op == Fits || op == FitsNot {
			return wrong(f.Name+" is compared with a duration", "write one such as > 100ms or <= 1.5s")
		}
		e.value, e.number = strconv.FormatInt(int64(d), 10), float64(d)
		return e, nil
	case op == Fits || op == FitsNot:
		re, err := regexp.Compile("^(?:" + t.text + ")$")
		if err != nil || t.kind != kindText {
			return wrong("it is no regular expression in quotes", `write one such as "shop|cart" or "/api/.*"`)
		}
		e.re = re
		return e, nil
	case t.kind == kindText:
		if ordered {
			return nil, &SyntaxError{sign.at, "texts have no order", "compare with a number, or by = or =~"}
		}
		return enum(e, t)
	}
	return bare(e, ordered, t)
}

// bare reads a value without quotes.
func bare(e compare, ordered bool, t token) (Expr, error) {
	n, err := strconv.ParseFloat(t.text, 64)
	_, isDuration := time.ParseDuration(t.text)
	switch {
	case err == nil && !strings.ContainsAny(t.text, "xXpP_nN"): // no 0x10, NaN or Inf
		e.number, e.value = n, floatText(n)
		if whole, err := strconv.ParseInt(t.text, 10, 64); err == nil { // exact beyond 2⁵³
			e.value = strconv.FormatInt(whole, 10)
		}
		return e, nil
	case ordered:
		return nil, &SyntaxError{t.at, t.String() + " is no number", "write one such as 500"}
	case t.text == "nil":
		e.isNil = true
		return e, nil
	case t.text == "true" || t.text == "false" || e.field.Scope == ScopeIntrinsic && (e.field.Name == "status" || e.field.Name == "kind"):
		return enum(e, t)
	case isDuration == nil:
		return nil, &SyntaxError{t.at, "only duration and traceDuration are compared with durations", "write a number or a text in quotes"}
	}
	return nil, &SyntaxError{t.at, "the text " + t.text + " stands without quotes", fmt.Sprintf("write %q", t.text)}
}

// Keywords are the only values that a property has; nil for all but status and kind.
func Keywords(name string) []string {
	switch name {
	case "status":
		return []string{"error", "ok", "unset"}
	case "kind":
		return []string{"unspecified", "internal", "server", "client", "producer", "consumer"}
	}
	return nil
}

// enum checks the values of status and kind.
func enum(e compare, t token) (Expr, error) {
	known := Keywords(e.field.Name)
	if e.field.Scope == ScopeIntrinsic && known != nil && !slices.Contains(known, t.text) {
		return nil, &SyntaxError{t.at, fmt.Sprintf("%s is never %q", e.field.Name, t.text), "write one of " + strings.Join(known, ", ")}
	}
	return e, nil
}
