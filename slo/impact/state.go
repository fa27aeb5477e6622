package impact

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"

	"github.com/axiomhq/hyperloglog"
)

// stateJSON is what is kept of an open incident.
type stateJSON struct {
	SLO    string   `json:"slo"`
	From   int64    `json:"from"`
	Known  int64    `json:"known"`
	Groups []string `json:"groups"`
	// Whole is true where nothing was seen after it was written.
	Whole       bool         `json:"whole"`
	Gap         bool         `json:"gap"`
	Failed      float64      `json:"failed"`
	Total       float64      `json:"total"`
	Named       float64      `json:"named"`
	NamedFailed float64      `json:"named_failed"`
	Hurt        distinctJSON `json:"hurt"`
	Seen        distinctJSON `json:"seen"`
	Regions     parts        `json:"regions"`
	Journeys    parts        `json:"journeys"`
}

type distinctJSON struct {
	// Exact are hashes in hexadecimal: JSON's numbers don't hold 64 bits.
	Exact  []string `json:"exact,omitempty"`
	Sketch []byte   `json:"sketch,omitempty"`
	Full   bool     `json:"full,omitempty"`
}

// sumDigits is the length of the checksum before the JSON: a sketch that isn't whole can't be
// read.
const sumDigits = 8

// encode writes what is known of an incident of an SLO; whole says that nothing comes after.
func (in *incident) encode(id string, whole bool) ([]byte, error) {
	s := stateJSON{
		SLO: id, From: in.from, Known: in.known, Groups: slices.Sorted(maps.Keys(in.groups)), Whole: whole, Gap: in.gap,
		Failed: in.failed, Total: in.total, Named: in.named, NamedFailed: in.namedFailed, Regions: in.regions, Journeys: in.journeys,
	}
	var err, other error
	s.Hurt, err = in.hurt.encode()
	s.Seen, other = in.seen.encode()
	if err = errors.Join(err, other); err != nil {
		return nil, err
	}
	body, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the impact of an incident: %w", err)
	}
	return append(fmt.Appendf(nil, "%08x", crc32.ChecksumIEEE(body)), body...), nil
}

// decode reads what was written, and of which SLO that is.
func decode(body []byte, by tally) (string, *incident, error) {
	if len(body) < sumDigits {
		return "", nil, errors.New("it is too short")
	}
	sum, body := string(body[:sumDigits]), body[sumDigits:]
	if fmt.Sprintf("%08x", crc32.ChecksumIEEE(body)) != sum {
		return "", nil, errors.New("its checksum is wrong")
	}
	var s stateJSON
	if err := json.Unmarshal(body, &s); err != nil {
		return "", nil, err
	}
	in := &incident{from: s.From, known: s.Known, groups: map[string]bool{}, gap: s.Gap, cut: !s.Whole}
	for _, g := range s.Groups {
		in.groups[g] = true
	}
	in.failed, in.total, in.named, in.namedFailed = s.Failed, s.Total, s.Named, s.NamedFailed
	in.regions.merge(s.Regions)
	in.journeys.merge(s.Journeys)
	if err := errors.Join(in.hurt.decode(s.Hurt, by), in.seen.decode(s.Seen, by)); err != nil {
		in.free(by.pool)
		return "", nil, err
	}
	return s.SLO, in, nil
}

func (d *distinct) encode() (distinctJSON, error) {
	out := distinctJSON{Full: d.full}
	for _, customer := range slices.Sorted(maps.Keys(d.exact)) {
		out.Exact = append(out.Exact, strconv.FormatUint(customer, 16))
	}
	if d.sketch == nil {
		return out, nil
	}
	whole := hyperloglog.NewNoSparse()
	err := whole.Merge(d.sketch)
	if err == nil {
		out.Sketch, err = whole.MarshalBinary()
	}
	if err != nil {
		return out, fmt.Errorf("write a sketch: %w", err)
	}
	return out, nil
}

// written is the length of a sketch as it is written: a head of eight bytes, and a byte for each
// register.
const written = 8 + sketchBytes

// readSketch reads a sketch of version 2 that was written with all of its registers. Its library doesn't
// check what it reads of the compressed form.
func readSketch(data []byte) (*hyperloglog.Sketch, error) {
	if len(data) != written || data[0] != 2 || data[1] != precision || data[3] != 0 {
		return nil, errors.New("read a sketch: it is of another kind")
	}
	s := hyperloglog.NewNoSparse()
	if err := s.UnmarshalBinary(data); err != nil {
		return nil, fmt.Errorf("read a sketch: %w", err)
	}
	return s, nil
}

func (d *distinct) decode(from distinctJSON, by tally) error {
	d.full = from.Full
	if len(from.Sketch) > 0 {
		if !by.pool.take() {
			return errors.New("there is no room for its sketch")
		}
		var err error
		if d.sketch, err = readSketch(from.Sketch); err != nil {
			by.pool.give()
			return err
		}
	}
	for _, text := range from.Exact {
		customer, err := strconv.ParseUint(text, 16, 64)
		if err != nil {
			return fmt.Errorf("read a customer's hash: %w", err)
		}
		d.add(customer, by.exact, by.pool)
	}
	return nil
}
