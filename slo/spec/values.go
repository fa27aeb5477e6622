package spec

import (
	"encoding"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"burnline/internal/yamlconf"
)

// objective is a percentage that is written as a number.
type objective float64

var _ encoding.TextUnmarshaler = (*objective)(nil)

func (o *objective) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no number", text), Instead: "write a percentage such as 99.9"}
	}
	if percent {
		return &yamlconf.Wrong{Message: "the objective is a percentage already", Instead: "write " + number + " without %"}
	}
	*o = objective(v)
	return nil
}

// share is a part of the budget, 0–1, that is written as a percentage with its sign.
type share float64

var _ encoding.TextUnmarshaler = (*share)(nil)

func (s *share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil:
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no share of the budget", text), Instead: "write a percentage such as 2%"}
	case !percent:
		return &yamlconf.Wrong{Message: "a share of the budget needs its percent sign", Instead: "write " + number + "%, or factor for a burn rate"}
	case !(v > 0 && v <= 100):
		return &yamlconf.Wrong{Message: fmt.Sprintf("%s%% is no share of the budget", number), Instead: "write more than 0% and at most 100%"}
	}
	*s = share(hundredth(number))
	return nil
}

// percent is a share, 0–1, that is written as a percentage with its sign.
type percent float64

var _ encoding.TextUnmarshaler = (*percent)(nil)

func (p *percent) UnmarshalText(text []byte) error {
	number, signed := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil:
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no percentage", text), Instead: "write one such as 95%"}
	case !signed:
		if v > 0 && v <= 1 {
			v = math.Round(v*1e8) / 1e6 // a fraction was meant
		}
		return &yamlconf.Wrong{Message: "the percent sign is missing", Instead: fmt.Sprintf("write %g%%", v)}
	case !(v > 0 && v <= 100):
		return &yamlconf.Wrong{Message: fmt.Sprintf("%s%% is no share", number), Instead: "write more than 0% and at most 100%"}
	}
	*p = percent(hundredth(number))
	return nil
}

// hundredth returns a hundredth of a number that was read already, as exact as its digits:
// 99.9 / 100 is not the nearest number to 0.999.
func hundredth(number string) float64 {
	number = strings.TrimSpace(number)
	if v, err := strconv.ParseFloat(number+"e-2", 64); err == nil {
		return v
	}
	v, _ := strconv.ParseFloat(number, 64) // one with an exponent
	return v / 100
}

// window is a rolling window, written as a duration, or one of the calendar,
// written as keys and values.
type window struct {
	Rolling  time.Duration `yaml:"-"`
	Calendar string        `yaml:"calendar"`
	Count    int           `yaml:"count"`
	Timezone string        `yaml:"timezone"`
	Start    string        `yaml:"start"`
}

var _ encoding.TextUnmarshaler = (*window)(nil)

func (w *window) UnmarshalText(text []byte) error {
	switch name := string(text); name {
	case "week", "month", "quarter", "year":
		return &yamlconf.Wrong{
			Message: fmt.Sprintf("%q is a window of the calendar", name),
			Instead: fmt.Sprintf("write {calendar: %s, timezone: Europe/Berlin}, or a rolling window such as 30d", name),
		}
	}
	d, err := yamlconf.ParseDuration(string(text))
	w.Rolling = d
	return err
}
