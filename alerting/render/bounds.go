package render

import (
	"bytes"
	"fmt"
	"reflect"
	texttemplate "text/template"
	"text/template/parse"
	"time"

	amtemplate "github.com/prometheus/alertmanager/template"
)

// writer takes what a template writes until its time is over or it has written enough; its
// error ends the template.
type writer struct {
	to      *bytes.Buffer
	most    int
	now     func() time.Time
	until   time.Time
	timeout time.Duration
}

// Write implements io.Writer.
func (w writer) Write(p []byte) (int, error) {
	switch {
	case w.to.Len()+len(p) > w.most:
		return 0, fmt.Errorf("it writes more than %d bytes", w.most)
	case w.now().After(w.until):
		return 0, fmt.Errorf("it takes longer than %s", w.timeout)
	}
	return w.to.Write(p)
}

// tick lets every turn of a loop, and every call of a template, write something,
// if only nothing: so the writer can end one that would go on for ever in silence.
//
// A tree that has it is left alone: copies of a set of templates share their trees.
func tick(t *parse.Tree) {
	if t == nil || t.Root == nil {
		return
	}
	if len(t.Root.Nodes) > 0 {
		if text, ok := t.Root.Nodes[0].(*parse.TextNode); ok && len(text.Text) == 0 { // none that was parsed is empty
			return
		}
	}
	tickList(t.Root)
	prepend(t.Root)
}

func tickList(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.RangeNode:
			tickList(n.List)
			tickList(n.ElseList)
			prepend(n.List)
		case *parse.IfNode:
			tickList(n.List)
			tickList(n.ElseList)
		case *parse.WithNode:
			tickList(n.List)
			tickList(n.ElseList)
		}
	}
}

// prepend puts a text of no length before a list.
func prepend(l *parse.ListNode) {
	if l != nil {
		l.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText}}, l.Nodes...)
	}
}

// bounded are Alertmanager's functions, and those of templates that make texts, which
// fail when a text becomes longer than most bytes: a few lines could double one until memory is gone.
func bounded(most int) texttemplate.FuncMap {
	funcs := texttemplate.FuncMap{"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln}
	for name, f := range amtemplate.DefaultFuncs {
		funcs[name] = f
	}
	for name, f := range funcs {
		funcs[name] = limited(f, most)
	}
	return funcs
}

// limited is the function with an error for a text of more than most bytes; functions of
// other results are left as they are.
func limited(f any, most int) any {
	v := reflect.ValueOf(f)
	t := v.Type()
	if t.Out(0).Kind() != reflect.String {
		return f
	}
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	failure := reflect.TypeFor[error]()
	call := v.Call
	if t.IsVariadic() {
		call = v.CallSlice
	}
	return reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{t.Out(0), failure}, t.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		out := call(args)
		if len(out) == 1 {
			out = append(out, reflect.Zero(failure))
		}
		if n := out[0].Len(); n > most {
			return []reflect.Value{reflect.Zero(t.Out(0)), reflect.ValueOf(fmt.Errorf("a text of %d bytes is longer than %d", n, most))}
		}
		return out
	}).Interface()
}
