package nasty

import (
	"reflect"
	"slices"
)

// Fill writes a text into every plain string that can be reached from a pointer: in fields, slices, and the values
// of maps. Strings of a type of their own, which say what is what, stay, and so do the fields that are named.
func Fill(pointer any, text string, but ...string) { fill(reflect.ValueOf(pointer).Elem(), text, but) }

func fill(v reflect.Value, text string, but []string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), text, but)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), text, but)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !slices.Contains(but, field.Name) {
				fill(v.Field(i), text, but)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			fill(value, text, but)
			v.SetMapIndex(key, value)
		}
	}
}
