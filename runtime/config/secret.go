package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Format prints the settings with their secret masked, whatever the verb, so
// that one stray %+v tells nothing. The same holds for the other structs with a
// secret; JSON leaves it out.
func (r RPC) Format(f fmt.State, _ rune) { format(f, r) }

// Format prints the settings with their password masked.
func (e Etcd) Format(f fmt.State, _ rune) { format(f, e) }

// Format prints the settings with their password masked.
func (r Redis) Format(f fmt.State, _ rune) { format(f, r) }

// Format prints the settings with their password masked.
func (k Kafka) Format(f fmt.State, _ rune) { format(f, k) }

// Format prints the settings with their secret masked.
func (n NSQ) Format(f fmt.State, _ rune) { format(f, n) }

// Format prints the settings with their secret masked.
func (j JWT) Format(f fmt.State, _ rune) { format(f, j) }

func format(w fmt.State, settings any) {
	v := reflect.ValueOf(settings)
	fields := make([]string, v.NumField())
	for i := range fields {
		f := v.Type().Field(i)
		value := v.Field(i).Interface()
		if f.Tag.Get("secret") == "true" && value != "" {
			value = Mask
		}
		fields[i] = fmt.Sprintf("%s:%v", f.Name, value)
	}
	fmt.Fprintf(w, "{%s}", strings.Join(fields, " "))
}
