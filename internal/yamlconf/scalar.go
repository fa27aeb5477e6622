package yamlconf

import (
	"fmt"
	"reflect"
	"strconv"
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
		if b, err = parseBool(n.Value); err == nil {
			v.SetBool(b)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(n.Value, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
		} else {
			err = &Wrong{fmt.Sprintf("%q is no whole number", n.Value), "write digits only, without a unit"}
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

func parseBool(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, &Wrong{fmt.Sprintf("%q is neither true nor false", text), "write true or false"}
}

// parseDuration takes Prometheus' form (30d, 1h30m) and Go's (1.5h).
func parseDuration(text string) (time.Duration, error) {
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
