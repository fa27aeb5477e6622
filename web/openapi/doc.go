// Package openapi writes the OpenAPI 3.1 description of an HTTP API from the operations that it
// answers and the Go types that these read and write. Schemas come from the types by reflection,
// and their descriptions from the doc comments of the same types, which Read collects from source.
package openapi
