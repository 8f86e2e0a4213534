package model

import (
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// Push is a message that the server pushes.
type Push struct {
	Message  string // Go type without the star: Posted
	ID       uint32
	IDConst  string // PostedID
	Send     string // PushPosted
	Receive  string // OnPosted
	Doc      Doc
	Delivery string // Go code of the fields of push.Message, each after a comma
}

// pushNames chooses the names of the file's pushes.
func (b *builder) pushNames(f *schema.File) {
	for _, p := range b.schema.Pushes {
		if p.File != f {
			continue
		}
		name, n := schema.GoName(p.Desc), b.scopes.of(f)
		b.pushes[p] = &Push{
			Message: name,
			ID:      p.ID,
			IDConst: n.choose(name + "ID"),
			Send:    n.choose("Push" + name),
			Receive: n.choose("On" + name),
			Doc:     Doc(p.Doc),
		}
	}
}

func (b *builder) push(file *File, p *schema.Push) *Push {
	out := b.pushes[p]
	var fields strings.Builder
	if class := classExpr(p.Delivery.Class); class != "" {
		fields.WriteString(", Class: " + class)
	}
	if p.Delivery.Key != nil {
		fields.WriteString(", Key: " + keyExpr("m", p.Delivery.Key, file.Imports))
	}
	if p.Delivery.TTL > 0 {
		fields.WriteString(", TTL: " + durationExpr(p.Delivery.TTL, file.Imports))
	}
	out.Delivery = fields.String()
	return out
}

// Trailing returns the first sentence of the push's comment as one behind code.
func (p *Push) Trailing() string { return p.Doc.trailing() }
