package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// plots returns SVG files by name: throughput, p99 and CPU of each group of
// scenarios.
func (s Set) plots() map[string]string {
	files := map[string]string{}
	for _, group := range []string{"connections", "in flight", "rate"} {
		for name, f := range map[string]func(Sample) float64{
			"requests per second": Sample.perSecond,
			"p99 ms":              func(x Sample) float64 { return ms(x.Result.P99) },
			"CPU µs per request":  Sample.total,
		} {
			if lines := s.lines(group, f); len(lines) > 0 {
				files[file(group, name)] = plot(group, name, lines)
			}
		}
	}
	return files
}

func file(group, name string) string {
	word, _, _ := strings.Cut(name, " ")
	return strings.ToLower(word + "-by-" + strings.ReplaceAll(group, " ", "-") + ".svg")
}

type point struct{ x, y float64 }

type line struct {
	system string
	points []point
}

// lines returns the medians over X, a line per system; none where X has only
// one value.
func (s Set) lines(group string, f func(Sample) float64) (lines []line) {
	for _, system := range []string{"hawos", "unary", "tcp", "echo"} {
		byX := map[float64][]float64{}
		for _, x := range s.Samples {
			if x.Group == group && x.System == system {
				byX[x.X] = append(byX[x.X], f(x))
			}
		}
		l := line{system: system}
		for x, v := range byX {
			mid, _, _ := median(v)
			l.points = append(l.points, point{x, mid})
		}
		slices.SortFunc(l.points, func(a, b point) int { return int(a.x - b.x) })
		if len(l.points) > 1 {
			lines = append(lines, l)
		}
	}
	return lines
}

// The drawing's size, and where its axes cross.
const (
	width, height = 640, 360
	left, bottom  = 70, 310
	right, top    = 470, 40
)

func color(system string) string {
	return map[string]string{"hawos": "#0b7285", "unary": "#c92a2a", "tcp": "#5c940d", "echo": "#868e96"}[system]
}

// plot draws lines over a logarithmic x.
func plot(xName, yName string, lines []line) string {
	minX, maxX, maxY := math.Inf(1), 0.0, 0.0
	ticks := map[float64]bool{}
	for _, l := range lines {
		for _, p := range l.points {
			minX, maxX, maxY = min(minX, p.x), max(maxX, p.x), max(maxY, p.y)
			ticks[p.x] = true
		}
	}
	px := func(x float64) float64 { return left + (right-left)*math.Log(x/minX)/math.Log(maxX/minX) }
	py := func(y float64) float64 { return bottom - (bottom-top)*y/(maxY*1.05) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/><text x="%d" y="20" font-size="14">%s</text>`+"\n", width, height, left, yName)
	for i := range 5 {
		y := maxY * float64(i) / 4
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#dee2e6"/><text x="%d" y="%.1f" text-anchor="end">%.3g</text>`+"\n", left, py(y), right, left-6, py(y)+4, y)
	}
	for _, x := range slices.Sorted(maps.Keys(ticks)) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", px(x), bottom+18, x)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+right)/2, bottom+38, xName)
	for i, l := range lines {
		var path []string
		for _, p := range l.points {
			path = append(path, fmt.Sprintf("%.1f,%.1f", px(p.x), py(p.y)))
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(path, " "), color(l.system))
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", right+10, top+20*i, color(l.system), title(l.system))
	}
	return b.String() + "</svg>\n"
}
