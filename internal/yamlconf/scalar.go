package yamlconf

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// scalar reads a single value by the field's type, not by how it looks, so
// that a version 1.10 stays text where text is wanted.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		var b bool
		if b, err = parseBool(n.Value, d.oldBooleans > 0); err == nil {
			v.SetBool(b)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(n.Value, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
		} else {
			err = &Wrong{fmt.Sprintf("%q is no whole number", n.Value), "write digits only, without a unit"}
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var u uint64
		if u, err = strconv.ParseUint(n.Value, 10, v.Type().Bits()); err == nil {
			v.SetUint(u)
		} else {
			err = &Wrong{fmt.Sprintf("%q is no whole number from 0 on", n.Value), "write digits only, without a unit"}
		}
	case reflect.Float32, reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(n.Value, 64); err == nil {
			v.SetFloat(f)
		} else {
			err = &Wrong{fmt.Sprintf("%q is no number", n.Value), "write a number such as 99.9, without a unit"}
		}
	default:
		err = fmt.Errorf("a %s can't be read from YAML", v.Type())
	}
	if err != nil {
		d.reportError(n, path, err)
	}
}

// parseBool reads true and false, and what YAML 1.1 has beside them where old is true.
func parseBool(text string, old bool) (bool, error) {
	word := text
	if old {
		word = strings.ToLower(text)
	}
	switch {
	case word == "true", old && (word == "yes" || word == "on" || word == "y"):
		return true, nil
	case word == "false", old && (word == "no" || word == "off" || word == "n"):
		return false, nil
	}
	return false, &Wrong{fmt.Sprintf("%q is neither true nor false", text), "write true or false"}
}

// ParseDuration reads a duration that isn't negative, in Prometheus' form (30d,
// 1h30m) or Go's (1.5h). Its error is a *Wrong.
func ParseDuration(text string) (time.Duration, error) {
	if d, err := model.ParseDuration(text); err == nil {
		return time.Duration(d), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return 0, &Wrong{fmt.Sprintf("%q has no unit", text), "write a duration such as " + text + "s, " + text + "m or " + text + "d"}
	}
	return 0, &Wrong{fmt.Sprintf("%q is no duration", text), "write one such as 300ms, 5m, 1h30m or 30d"}
}

var sizeForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?([kKMGTP]i?)?B?$`)

// ParseSize reads a number of bytes, such as 512MiB, 50GiB or 1GB. Its error is a *Wrong.
func ParseSize(text string) (int64, error) {
	wrong := &Wrong{fmt.Sprintf("%q is no size", text), "write one such as 512MiB or 50GiB"}
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, wrong
	}
	number, err := strconv.ParseFloat(m[1], 64)
	base := 1000.0
	if strings.HasSuffix(m[2], "i") {
		base = 1024
	}
	if m[2] != "" {
		number *= math.Pow(base, 1+float64(strings.Index("KMGTP", strings.ToUpper(m[2][:1]))))
	}
	if err != nil || number >= math.MaxInt64 {
		return 0, wrong
	}
	return int64(number), nil
}
