// Package spancond reads the conditions on spans that SLO files hold, and says of a span
// whether one holds. They are OTTL, the language of the OpenTelemetry Collector, with two
// words more that people expect: duration is how long a span took, and lengths of
// time are written as everywhere else in the files, such as 300ms.
package spancond
