package yamlconf

import "gopkg.in/yaml.v3"

// Items returns the document's parts: where it is a list of keys and values, as files that hold
// several objects may be, one document for each item, and else the document itself.
func (d *Document) Items() []*Document {
	if d.root.Kind != yaml.SequenceNode || len(d.root.Content) == 0 {
		return []*Document{d}
	}
	var items []*Document
	for _, n := range d.root.Content {
		if n.Kind != yaml.MappingNode {
			return []*Document{d}
		}
		items = append(items, &Document{opts: d.opts, root: n, expanded: d.expanded})
	}
	return items
}
