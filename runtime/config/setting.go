package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
)

// setting is one field of a settings struct, or a section of such fields.
type setting struct {
	path   string // rpc.port; empty at the root
	key    string // port
	help   string
	def    string   // text of the default
	one    []string // the values allowed; nil is any
	min    string   // least value; empty is any
	max    string
	secret bool
	from   string // where the value was given; empty is the default

	value    reflect.Value // settable
	children []*setting    // of a section, in the struct's order
}

// newTree describes the struct that target points to.
func newTree(target any) (*setting, error) {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("settings are read into a pointer to a struct, not a %T", target)
	}
	root := &setting{value: v.Elem()}
	if err := root.addFields(v.Elem()); err != nil {
		return nil, fmt.Errorf("settings of %T: %w", target, err)
	}
	return root, nil
}

func (s *setting) addFields(v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if f.Type.Kind() == reflect.Struct && name == "" && (f.Anonymous || options == "inline") {
			if err := s.addFields(v.Field(i)); err != nil {
				return err
			}
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if s.child(name) != nil {
			return fmt.Errorf("two fields are called %s", s.join(name))
		}
		if err := s.add(name, f.Tag, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *setting) add(name string, tag reflect.StructTag, v reflect.Value) error {
	c := &setting{
		path: s.join(name), key: name, value: v,
		help: tag.Get("help"), def: tag.Get("default"),
		min: tag.Get("min"), max: tag.Get("max"), secret: tag.Get("secret") == "true",
	}
	if one := tag.Get("one"); one != "" {
		c.one = strings.Split(one, ",")
	}
	s.children = append(s.children, c)
	if _, text := v.Addr().Interface().(encoding.TextUnmarshaler); v.Kind() == reflect.Struct && !text {
		return c.addFields(v)
	}
	c.children = nil
	if c.def == "" {
		return nil
	}
	if err := c.set(c.def); err != nil {
		return fmt.Errorf("default of %s: %w", c.path, err)
	}
	return nil
}

func (s *setting) join(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

func (s *setting) child(name string) *setting {
	for _, c := range s.children {
		if c.key == name {
			return c
		}
	}
	return nil
}

// leaves returns all settings below s that hold a value, in order.
func (s *setting) leaves() []*setting {
	if s.children == nil && s.path != "" {
		return []*setting{s}
	}
	var all []*setting
	for _, c := range s.children {
		all = append(all, c.leaves()...)
	}
	return all
}

// find returns the leaf of the path, or nil.
func (s *setting) find(path string) *setting {
	for _, l := range s.leaves() {
		if l.path == path {
			return l
		}
	}
	return nil
}

// env returns the environment variable that gives the setting.
func (s *setting) env() string {
	return "HAWOS_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(s.path))
}
