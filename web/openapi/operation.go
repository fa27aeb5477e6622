package openapi

import "github.com/google/jsonschema-go/jsonschema"

// Operation is one thing that can be asked of the API.
type Operation struct {
	// Method is that of HTTP, and Path has its parameters in braces, such as /api/v1/slos/{id}.
	Method, Path string
	// Summary says in one sentence what it is for, and Tag groups it with others.
	Summary, Tag string
	Parameters   []Parameter
	// Body is what is sent; nil where nothing is.
	Body *Content
	// Answers are all that may come back, by status of HTTP.
	Answers map[int]Answer
}

// Parameter is a part of the address.
type Parameter struct {
	Name string
	// In is path or query.
	In string
	// Text says what it means.
	Text string
	// Required is true where it has to be there; it always is within the path.
	Required bool
	// Schema says what it may be; nil is any text.
	Schema *jsonschema.Schema
}

// Content is what is sent or answered.
type Content struct {
	// Media is its type, such as application/json.
	Media string
	// Value is a value of the Go type that is written as JSON, as a line of JSON, or as the data of
	// an event, by Media; nil is text of no particular form.
	Value any
}

// Answer is one of the answers of an operation.
type Answer struct {
	// Text says when it comes.
	Text string
	Content
}

// Info is what stands above all operations.
type Info struct {
	Title, Version, Description string
	// Own is the package whose lists and maps are never null: it fills them. Those of other packages'
	// types are null where they are nil.
	Own string
}
