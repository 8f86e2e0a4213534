package schema

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// notUsed ends the compiler's warning of an import.
const notUsed = " not used"

// Texts of the compiler that there is more to say about.
var (
	definedText   = regexp.MustCompile(`^(.*) already defined(?: as a package)? at ([^ ]+):(\d+):(\d+)`)
	extensionText = regexp.MustCompile(`unknown extension (hawos\.\S*)`)
	enumValueText = regexp.MustCompile(`enum (hawos\.\S+) has no value named (\S+)`)
	fieldText     = regexp.MustCompile(`option \((hawos\.\w+)\).*: field (\S+) (?:not found|of \S+ does not exist)`)
	typeText      = regexp.MustCompile(`unknown (?:request |response |extendee )?type (\S+)$`)
)

// compilerFault turns an error of the compiler into a fault with a remedy.
func (r *report) compilerFault(err reporter.ErrorWithPos) Fault {
	pos, text := r.src.source(err.GetPosition()), err.Unwrap().Error()
	m := definedText.FindStringSubmatch(text)
	if m == nil {
		return r.src.fault(pos, text, r.remedy(pos, text))
	}
	line, _ := strconv.Atoi(m[3])
	col, _ := strconv.Atoi(m[4])
	first := r.src.place(m[2], line, col)
	return r.src.fault(pos, strings.TrimPrefix(m[1], "symbol ")+definedTwice, "", Note{Pos: first}) // see settle
}

// remedy says what to do about an error of the compiler; empty where the error
// says it all.
func (r *report) remedy(pos Pos, text string) string {
	if m := extensionText.FindStringSubmatch(text); m != nil {
		if src := r.src.byPath[pos.File]; src != nil && !bytes.Contains(src.Text, []byte(`"hawos/options.proto"`)) {
			return `add import "hawos/options.proto";`
		}
		return didYouMean(m[1], []string{"hawos.app", "hawos.id", "hawos.route", "hawos.push_id", "hawos.delivery", "hawos.errors"}, "") +
			"the options are hawos.app of a service, hawos.id and hawos.route of an rpc, hawos.push_id and hawos.delivery of a message, hawos.errors of an enum"
	}
	if m := enumValueText.FindStringSubmatch(text); m != nil {
		names := namesIn(m[1])
		return didYouMean(m[2], names, r.fieldBefore(pos)) + "write " + strings.Join(names, " or ")
	}
	if m := fieldText.FindStringSubmatch(text); m != nil {
		names := namesIn(m[1])
		return didYouMean(m[2], names, "") + fmt.Sprintf("%s has the fields %s", m[1], strings.Join(names, ", "))
	}
	if m := typeText.FindStringSubmatch(text); m != nil {
		return r.whereIsType(pos.File, m[1])
	}
	if strings.HasSuffix(text, notUsed) {
		return "delete the import"
	}
	return ""
}

// namesIn returns the names of the values of an enum of hawos, or of the fields
// of one of its options.
func namesIn(name string) []string {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	var names []string
	switch d := d.(type) {
	case protoreflect.EnumDescriptor:
		for i := range d.Values().Len() {
			names = append(names, string(d.Values().Get(i).Name()))
		}
	case protoreflect.FieldDescriptor:
		for i := range d.Message().Fields().Len() {
			names = append(names, string(d.Message().Fields().Get(i).Name()))
		}
	}
	return names
}
