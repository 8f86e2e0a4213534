// Package lint looks for what compiles but will be regretted: names that are not
// as their kind's, things that clients see and nobody explains, protocol IDs
// without a range to grow in. Each rule has a name, by which it is switched off.
//
// Start from Rules and Check.
package lint

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

// Names of the rules.
const (
	packageName    = "package-name"
	packageFolder  = "package-folder"
	serviceName    = "service-name"
	rpcName        = "rpc-name"
	rpcMessages    = "rpc-messages"
	messageName    = "message-name"
	fieldName      = "field-name"
	oneofName      = "oneof-name"
	enumName       = "enum-name"
	enumValueName  = "enum-value-name"
	enumZero       = "enum-zero"
	serviceComment = "service-comment"
	rpcComment     = "rpc-comment"
	pushComment    = "push-comment"
	errorComment   = "error-comment"
	idRange        = "id-range"
	idRangeOverlap = "id-range-overlap"
	requiredField  = "required-field"
)

// Rules returns all rules, in the order in which they are documented.
func Rules() report.Rules {
	return report.Rules{
		{Name: packageName, Doc: "A package is lower_snake_case segments with dots: chat.v1."},
		{Name: packageFolder, Doc: "A file lies in the folder of its package: chat/v1/ holds chat.v1."},
		{Name: serviceName, Doc: "A service is called in CamelCase: Chat."},
		{Name: rpcName, Doc: "An rpc is called in CamelCase: Join."},
		{Name: rpcMessages, Doc: "An rpc with a protocol ID has a request and a reply of its own, so that each can change alone."},
		{Name: messageName, Doc: "A message is called in CamelCase: JoinRequest."},
		{Name: fieldName, Doc: "A field is called in lower_snake_case: room_name. JSON clients see the name."},
		{Name: oneofName, Doc: "A oneof is called in lower_snake_case: kind."},
		{Name: enumName, Doc: "An enum is called in CamelCase: Code."},
		{Name: enumValueName, Doc: "An enum's value is called in UPPER_SNAKE_CASE: ROOM_FULL. JSON clients see the name."},
		{Name: enumZero, Doc: "An enum's value 0, which stands for a value not given, ends in _UNSPECIFIED."},
		{Name: serviceComment, Doc: "A service has a comment: it becomes the doc of its Go interface."},
		{Name: rpcComment, Doc: "An rpc with a protocol ID has a comment: it becomes the doc of its handler and its client."},
		{Name: pushComment, Doc: "A message with a push_id has a comment: it becomes the doc of its push function."},
		{Name: errorComment, Doc: "A typed error has a comment: it becomes the doc of its Go variable."},
		{Name: idRange, Doc: "A service with protocol IDs has a range for them: option (hawos.app) = {ids: \"2000-2999\"}."},
		{Name: idRangeOverlap, Doc: "The ranges of two apps do not overlap, so that neither takes the other's next protocol ID."},
		{Name: requiredField, Doc: "No field is required: it could never be removed, nor a new one be added."},
	}
}

// Check returns what breaks a rule in the project's own files.
func Check(s *schema.Schema) []report.Finding {
	l := &linter{schema: s, rules: Rules(), uses: usesOf(s)}
	for _, f := range s.Owned() {
		l.file(f)
	}
	for _, svc := range s.Services {
		l.service(svc)
	}
	for _, p := range s.Pushes {
		if p.Doc == "" {
			l.find(pushComment, p.Pos, "push "+quote(p.Desc)+" has no comment", "say above it when clients receive it")
		}
	}
	for _, e := range s.Errors {
		for _, v := range e.Values {
			if v.Doc == "" {
				l.find(errorComment, v.Pos, "error "+quote(v.Desc)+" has no comment", "say above it what went wrong")
			}
		}
	}
	l.ranges()
	return l.found
}

// linter collects findings.
type linter struct {
	schema *schema.Schema
	rules  report.Rules
	uses   map[protoreflect.FullName][]use // of messages
	found  []report.Finding
}

func (l *linter) find(rule string, pos schema.Pos, text, remedy string, also ...schema.Note) {
	l.found = append(l.found, l.rules.New(rule, l.schema.Fault(pos, text, remedy, also...)))
}

// quote returns a thing's name as findings have it.
func quote(d protoreflect.Descriptor) string { return `"` + string(d.Name()) + `"` }
