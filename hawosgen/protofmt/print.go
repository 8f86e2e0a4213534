package protofmt

import "strings"

// indent is one level.
const indent = "  "

// printer writes one token after the other, each with the comments before it.
type printer struct {
	*layout
	out   strings.Builder
	depth int
	last  item // what was written last
	token item // the last token
}

// print writes a gap's comments and the token behind them.
func (p *printer) print(gap []item) {
	comments, token := gap[:len(gap)-1], gap[len(gap)-1]
	hard := p.breaksBetween(p.token, token, len(comments) > 0)
	lead := len(comments) // from where on comments lead the token, on its line
	if hard && !p.isEnd(token) {
		lead = leading(comments, token)
	}
	for i, c := range comments {
		switch {
		case p.out.Len() == 0:
		case i == lead || i < lead && (c.breaks > 0 || p.last.isLine()):
			p.newline(gap, i, hard)
		default:
			p.out.WriteByte(' ')
		}
		p.write(c)
	}
	if p.close[token.token] {
		p.depth--
	}
	switch led := lead < len(comments); {
	case p.out.Len() == 0:
	case hard && !led, p.last.isLine(), !hard && len(comments) > 0 && token.breaks > 0, p.soft[token.token] && token.breaks > 0:
		p.newline(gap, len(comments), hard)
	case p.last.isComment || p.space(p.last, token):
		p.out.WriteByte(' ')
	}
	p.write(token)
	if p.open[token.token] {
		p.depth++
	}
	p.token = token
}

func (p *printer) write(it item) {
	p.out.WriteString(it.text)
	p.last = it
}

// breaksBetween reports whether a token and the next one stand on lines of their
// own. A semicolon too many stays where it is.
func (p *printer) breaksBetween(a, b item, comments bool) bool {
	if p.end[a.token] && p.out.Len() > 0 {
		return comments || b.text != ";"
	}
	return p.begin[b.token] || b.text == ""
}

// isEnd reports whether a token ends a block or the file.
func (p *printer) isEnd(it item) bool { return p.close[it.token] || it.text == "" }

// leading returns from which comment on they stand on the token's line.
func leading(comments []item, token item) int {
	at := len(comments)
	if token.breaks > 0 {
		return at
	}
	for at > 0 {
		at--
		if comments[at].breaks > 0 {
			break
		}
	}
	return at
}

// newline begins a line for the i-th item of a gap, and keeps one blank line
// where there was any; not, however, at the ends of a block.
func (p *printer) newline(gap []item, i int, hard bool) {
	token := gap[len(gap)-1]
	p.out.WriteByte('\n')
	if gap[i].breaks > 1 && !(i == 0 && p.needless(gap)) {
		p.out.WriteByte('\n')
	}
	depth := p.depth
	if !hard && !p.open[p.token.token] && !p.isEnd(token) {
		depth++ // the statement goes on
	}
	p.out.WriteString(strings.Repeat(indent, max(depth, 0)))
}

// needless reports whether a gap's first blank line can go: at a block's ends,
// unless it tells which comment belongs to what.
func (p *printer) needless(gap []item) bool {
	token := gap[len(gap)-1]
	if len(gap) == 1 {
		return p.open[p.token.token] || p.isEnd(token)
	}
	if !p.open[p.token.token] || p.isEnd(token) {
		return false
	}
	for _, it := range gap[1:] {
		if it.breaks > 1 {
			return false
		}
	}
	return true
}
