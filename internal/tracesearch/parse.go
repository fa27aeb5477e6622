package tracesearch

import (
	"fmt"
	"strings"
)

const (
	// mostQuery is the length of a query, and mostDepth how deep its brackets may go.
	mostQuery = 8 << 10
	mostDepth = 64
)

// supported says what can be written; every refusal ends with it.
const supported = `write one pair of braces with conditions joined by && and ||, such as { resource.service.name = "shop" && duration > 100ms }`

// Parse reads a query in TraceQL, of which it knows the part that Grafana's search builder
// writes: one pair of braces with comparisons, joined by && and ||, negated by ! and grouped by
// brackets. {} is met by every span. Anything else is a *SyntaxError.
func Parse(query string) (Expr, error) {
	if len(query) > mostQuery {
		return nil, &SyntaxError{mostQuery, fmt.Sprintf("the query is longer than %d bytes", mostQuery), "ask for less"}
	}
	tokens, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: tokens}
	if !p.sign("{") {
		return nil, p.wrong("a query begins with {, not with "+p.next().String(), supported)
	}
	var e Expr
	if !p.sign("}") {
		if e, err = p.either(0); err != nil {
			return nil, err
		}
		if !p.sign("}") {
			return nil, p.wrong("a condition is joined by && or ||, or ended by }, not by "+p.next().String(), supported)
		}
	}
	return e, p.end()
}

type parser struct {
	tokens []token
	i      int
}

func (p *parser) next() token { return p.tokens[p.i] }

// take returns the next token and goes on; the last one, the end, stays.
func (p *parser) take() token {
	t := p.tokens[p.i]
	if t.kind != kindEnd {
		p.i++
	}
	return t
}

// sign goes on where the next token is the sign.
func (p *parser) sign(text string) bool {
	if t := p.next(); t.kind != kindSign || t.text != text {
		return false
	}
	p.i++
	return true
}

func (p *parser) wrong(message, instead string) error {
	return &SyntaxError{p.next().at, message, instead}
}

// end demands the end of the query. That the latest come first may be asked for, since it is
// so anyway.
func (p *parser) end() error {
	t := p.next()
	if t.kind == kindWord && t.text == "with" {
		var hint strings.Builder
		for p.take(); p.next().kind != kindEnd; {
			hint.WriteString(p.take().text)
		}
		if h := hint.String(); h != "(most_recent=true)" && h != "(most_recent=false)" {
			return &SyntaxError{t.at, "the only hint that is known is with (most_recent=true)", "remove it"}
		}
		return nil
	}
	switch {
	case t.kind == kindEnd:
		return nil
	case t.kind == kindSign && t.text == "|":
		return p.wrong("pipelines such as | rate(), | select() and | count() are not supported", supported)
	case t.kind == kindSign && (t.text == "&&" || t.text == "||" || t.text == ">" || t.text == ">>" || t.text == "<" || t.text == "<<" || t.text == "~"):
		return p.wrong("several sets of spans can't be joined by "+t.text, supported)
	}
	return p.wrong(t.String()+" after the closing brace is not supported", supported)
}

func (p *parser) either(depth int) (Expr, error) {
	a, err := p.both(depth)
	for err == nil && p.sign("||") {
		var b Expr
		if b, err = p.both(depth); err == nil {
			a = either{a, b}
		}
	}
	return a, err
}

func (p *parser) both(depth int) (Expr, error) {
	a, err := p.one(depth)
	for err == nil && p.sign("&&") {
		var b Expr
		if b, err = p.one(depth); err == nil {
			a = both{a, b}
		}
	}
	return a, err
}

func (p *parser) one(depth int) (Expr, error) {
	if depth > mostDepth {
		return nil, p.wrong(fmt.Sprintf("brackets go deeper than %d", mostDepth), "write it flatter")
	}
	switch {
	case p.sign("!"):
		e, err := p.one(depth + 1)
		return not{e}, err
	case p.sign("("):
		e, err := p.either(depth + 1)
		if err == nil && !p.sign(")") {
			err = p.wrong("the bracket is not closed, "+p.next().String()+" stands there", "write )")
		}
		return e, err
	}
	return p.comparison()
}

func (p *parser) comparison() (Expr, error) {
	t := p.take()
	switch {
	case t.kind == kindWord && (t.text == "true" || t.text == "false"):
		return constant(t.text == "true"), nil
	case t.kind != kindWord:
		return nil, &SyntaxError{t.at, "a condition begins with a field, not with " + t.String(), "write one such as span.http.route, .region, name, status or duration"}
	}
	field, err := fieldOf(t)
	if err != nil {
		return nil, err
	}
	op := p.take()
	switch Op(op.text) {
	case Is, IsNot, Less, AtMost, More, AtLeast, Fits, FitsNot:
		if op.kind == kindSign {
			return value(field, Op(op.text), op, p.take())
		}
	}
	return nil, &SyntaxError{op.at, fmt.Sprintf("after %s a comparison stands, not %s", t.text, op), "write one of = != < <= > >= =~ !~"}
}
