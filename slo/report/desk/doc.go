// Package desk makes reports when somebody asks for them, closes periods that are over as numbered
// revisions, and sees to it that scheduled reports are told once.
package desk
