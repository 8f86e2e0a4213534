package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

// simple reports whether the setting has a text: it is a scalar or a list of
// scalars. Others are given in YAML alone.
func (s *setting) simple() bool {
	t := s.value.Type()
	return isScalar(t) || t.Kind() == reflect.Slice && isScalar(t.Elem())
}

func isScalar(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	k := t.Kind()
	return k == reflect.String || k == reflect.Bool || k >= reflect.Int && k <= reflect.Float64
}

// set gives the setting the value of a text; the items of a list stand between
// commas.
func (s *setting) set(text string) error {
	if !s.isList() {
		return s.setItems([]string{text})
	}
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return s.setItems(items)
}

func (s *setting) isList() bool {
	return s.value.Kind() == reflect.Slice && !isScalar(s.value.Type())
}

// setItems gives the setting the value of texts, one where it is no list. It
// changes nothing when it returns an error.
func (s *setting) setItems(texts []string) error {
	if !s.simple() {
		return errors.New("can be given in YAML alone")
	}
	if !s.isList() {
		v, err := s.parse(texts[0], s.value.Type())
		if err == nil {
			s.value.Set(v)
		}
		return err
	}
	list := reflect.MakeSlice(s.value.Type(), 0, len(texts))
	for _, text := range texts {
		v, err := s.parse(text, s.value.Type().Elem())
		if err != nil {
			return err
		}
		list = reflect.Append(list, v)
	}
	s.value.Set(list)
	return nil
}

func (s *setting) parse(text string, t reflect.Type) (reflect.Value, error) {
	v, err := s.parseScalar(text, t)
	if err != nil {
		return v, err
	}
	if s.one != nil && !slices.Contains(s.one, text) {
		return v, fmt.Errorf("%s is not among %s", s.show(text), strings.Join(s.one, ", "))
	}
	if s.min != "" {
		if least, err := s.parseScalar(s.min, t); err == nil && less(v, least) {
			return v, fmt.Errorf("%s is less than %s", s.show(text), s.min)
		}
	}
	if s.max != "" {
		if most, err := s.parseScalar(s.max, t); err == nil && less(most, v) {
			return v, fmt.Errorf("%s is more than %s", s.show(text), s.max)
		}
	}
	return v, nil
}

func (s *setting) parseScalar(text string, t reflect.Type) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return v, u.UnmarshalText([]byte(text))
	}
	var err error
	switch k := t.Kind(); {
	case t == durationType:
		var d time.Duration
		d, err = time.ParseDuration(text)
		v.SetInt(int64(d))
		return v, s.explain(err, text, "a duration, such as 500ms, 10s or 1h30m")
	case k == reflect.String:
		v.SetString(text)
	case k == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
		return v, s.explain(err, text, "true or false")
	case k <= reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(text, 10, t.Bits())
		v.SetInt(i)
	case k <= reflect.Uintptr:
		var u uint64
		u, err = strconv.ParseUint(text, 10, t.Bits())
		v.SetUint(u)
	default:
		var f float64
		f, err = strconv.ParseFloat(text, t.Bits())
		v.SetFloat(f)
		return v, s.explain(err, text, "a number")
	}
	return v, s.explain(err, text, "a whole number")
}

func (s *setting) explain(err error, text, want string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s is not %s", s.show(text), want)
}

// show quotes a text of the setting, unless it is secret.
func (s *setting) show(text string) string {
	if s.secret {
		return "the secret"
	}
	return strconv.Quote(text)
}

func less(a, b reflect.Value) bool {
	switch {
	case a.CanInt():
		return a.Int() < b.Int()
	case a.CanUint():
		return a.Uint() < b.Uint()
	case a.CanFloat():
		return a.Float() < b.Float()
	}
	return false
}
