// Five hues and greys. Their lightness differs, so that they survive a grey printer; curves differ
// in their strokes as well, and each is named where it ends.
#include "report/html/html_parts.h"

namespace poolgauge {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;
--page:#f4f5f7;--card:#fff;--ink:#15181d;--soft:#586069;--line:#dfe2e7;--grid:#e9ebef;
--sql:#1d5fae;--sqlsoft:#8db4e2;--sqldeep:#0b2f5e;--wait:#d9760a;--hold:#6fb58a;--holdink:#2f7a4e;
--commit:#74539f;
--bad:#b3261e;--good:#1c7046;--doubt:#8a6100;--other:#a6adb7;--on:#fff;--onlight:#0e1116}
@media (prefers-color-scheme:dark){:root{
--page:#0f1216;--card:#171b21;--ink:#e8ebef;--soft:#9aa4b0;--line:#2a3038;--grid:#242a32;
--sql:#6fb0ff;--sqlsoft:#3d6796;--sqldeep:#cfe4ff;--wait:#f2a33c;--hold:#4f9a6d;--holdink:#7fd0a0;
--commit:#b595e6;
--bad:#ff8177;--good:#6fd39b;--doubt:#e9c46a;--other:#69727e;--on:#0e1116;--onlight:#fff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",sans-serif;
overflow-wrap:break-word}
main,header,footer{max-width:1040px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;background:var(--card);
padding:6px 10px;z-index:9}
a{color:var(--sql)}
:focus-visible{outline:2px solid var(--sql);outline-offset:2px;border-radius:4px}
.brand{margin:0;font-size:13px;font-weight:600;letter-spacing:.04em;color:var(--soft)}
h1{margin:2px 0 4px;font-size:30px;line-height:1.2;letter-spacing:-.015em}
.about{margin:0;color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;margin:14px 0 0;
font-size:14px}
nav a{text-decoration:none;display:inline-block;padding:4px 0}nav a:hover{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:22px 24px;margin:16px 0;scroll-margin-top:12px}
h2{margin:0 0 10px;font-size:19px;line-height:1.3;letter-spacing:-.01em}
h3{margin:22px 0 6px;font-size:15px}
p{margin:0 0 10px}
.verdict{border-left:6px solid var(--tone);padding-left:20px}
.verdict h2{font-size:23px;display:flex;gap:10px;align-items:baseline;color:var(--tone)}
.pass{--tone:var(--good)}.miss{--tone:var(--bad)}.open{--tone:var(--doubt)}
.lead{font-size:17px}.lead b{font-weight:650}
.todo{margin:14px 0 0;padding:12px 16px;border-radius:8px;background:var(--page)}
.todo p{margin:0;font-weight:650;font-size:14px}.todo ul{margin:4px 0 0;padding-left:20px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;
margin:20px 0 0;padding:0;border:1px solid var(--line);border-radius:8px;
overflow:hidden}
.tiles div{background:var(--card);padding:10px 14px;box-shadow:0 0 0 1px var(--line)}
.tiles dt{font-size:13px;color:var(--soft)}
.tiles dd{margin:0;font-size:21px;font-weight:620;letter-spacing:-.02em;line-height:1.25;
font-variant-numeric:tabular-nums}
.tiles b{font-weight:inherit;white-space:nowrap}
.tiles small{display:block;font-size:12.5px;font-weight:400;color:var(--soft);letter-spacing:0;
min-height:19px}
.goals{list-style:none;margin:0;padding:0}
.goals li{display:grid;grid-template-columns:9.5em 1fr auto;gap:2px 16px;align-items:baseline;
padding:9px 0;border-top:1px solid var(--grid)}
.goals li:first-child{border-top:0}
.goals .state{font-weight:650;color:var(--tone);white-space:nowrap}
.goals .figure{text-align:right;font-variant-numeric:tabular-nums}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
font-size:.92em;overflow-wrap:anywhere}
pre{background:var(--page);padding:12px 14px;border-radius:8px;overflow-x:auto;margin:0 0 12px;
white-space:pre-wrap}
figure{margin:0}figure+figure,.series figure{margin-top:20px}
figcaption{font-weight:620;font-size:15px}
.says{color:var(--soft);margin-bottom:12px}
.plot{padding:10px 92px 2px 64px}.plot.full{padding-left:0;padding-right:0}
.plot.rows{padding-left:12px;padding-right:16px}
svg{display:block;overflow:visible;font-size:12.5px;font-variant-numeric:tabular-nums}
svg text{fill:var(--ink)}
.grid{stroke:var(--grid);stroke-width:1}
svg .tick{fill:var(--soft)}.tick.y{text-anchor:end}.tick.x{text-anchor:middle}
.tick.x.last{text-anchor:end}.tick.x.first{text-anchor:start}
.line{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.area{stroke:none}
.line.sql{stroke:var(--sql)}.area.sql{fill:var(--sql);fill-opacity:.14}
.line.thin{stroke:var(--sqlsoft);stroke-width:1.6}
.line.strong{stroke:var(--sql);stroke-width:2.4}
.line.deep{stroke:var(--sqldeep);stroke-width:1.4}
.dense .line{stroke-dasharray:none;stroke-width:1.3}
.line.wait{stroke:var(--wait);stroke-dasharray:7 3}
.area.wait{fill:var(--wait);fill-opacity:.18}
.line.hold{stroke:var(--holdink);stroke-dasharray:2 3}
.area.over{fill:var(--sqlsoft);fill-opacity:.4}
.area.bad{fill:var(--bad);fill-opacity:.55}
svg .name{font-weight:600}
.name.sql,.name.strong{fill:var(--sql)}.name.deep{fill:var(--sqldeep)}.name.thin{fill:var(--soft)}
.name.wait{fill:var(--wait)}.name.hold{fill:var(--holdink)}.name.bad{fill:var(--bad)}
.name.over{fill:var(--soft)}.name.goal{fill:var(--bad)}
.rule{stroke:var(--soft);stroke-dasharray:3 3}.rule.goal{stroke:var(--bad)}
svg .note{fill:var(--soft)}.note.end{text-anchor:end}
.note.within{transform:translateX(6px)}
.zone{fill:var(--bad);fill-opacity:.13}.zone.good{fill:var(--hold);fill-opacity:.2}
.bar{stroke:var(--card);stroke-width:1.5}
.bar.wait{fill:var(--wait)}.bar.sql{fill:var(--sql)}.bar.hold{fill:var(--hold)}
.bar.commit{fill:var(--commit)}.bar.connect{fill:var(--bad);fill-opacity:.55}
.bar.pause{fill:var(--grid);stroke:var(--other)}.bar.other{fill:var(--other)}
svg .on{font-weight:620;fill:var(--onlight)}svg .on.sql,svg .on.commit{fill:var(--on)}
svg .on.wait{fill:#0e1116}
svg .row{fill:var(--ink)}svg .row.soft{fill:var(--soft)}
.dot{fill:var(--sql);stroke:var(--card);stroke-width:1.5}
.dot.hollow{fill:var(--card);stroke:var(--soft)}.dot.wait{fill:var(--wait)}
.dot.goal{fill:var(--bad)}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:6px 22px;padding:0;margin:12px 0 4px}
.key li{display:flex;align-items:center;gap:8px;font-variant-numeric:tabular-nums}
.key i{width:14px;height:14px;border-radius:3px;flex:none}
.key b{font-weight:620}.key span{color:var(--soft)}
i.wait{background:var(--wait)}i.sql{background:var(--sql)}i.hold{background:var(--hold)}
i.commit{background:var(--commit)}i.other{background:var(--other)}i.connect{background:var(--bad);
opacity:.55}i.pause{background:var(--grid);border:1px solid var(--other)}
.series{position:relative}
.series output{display:block;min-height:1.5em;font-size:14px;color:var(--soft);
font-variant-numeric:tabular-nums}
.cursor{position:absolute;width:0;border-left:1px solid var(--soft);
pointer-events:none}
details{margin-top:12px}
summary{cursor:pointer;color:var(--soft);font-size:14px;padding:3px 0;width:max-content;
max-width:100%}
summary:hover{color:var(--ink)}
.scroll{overflow-x:auto;max-height:26em;overflow-y:auto;margin:6px 0 4px}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;min-width:100%}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap;
font-weight:400;vertical-align:top}
td.w{white-space:normal;min-width:6em}
thead th{color:var(--soft);font-size:13px;position:sticky;top:0;background:var(--card)}
th:first-child,th.w,td.w{text-align:left}th:first-child,td:first-child{padding-left:0}
tbody th{font-weight:550;position:sticky;left:0;background:var(--card)}
td.w:last-child{min-width:14em}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:0 24px;margin:0;
font-size:14px}
.pairs div{display:flex;justify-content:space-between;gap:12px;padding:4px 0;
border-bottom:1px solid var(--grid)}
.pairs dt{color:var(--soft)}.pairs dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;
min-width:4em;overflow-wrap:anywhere}
footer{padding-top:4px;padding-bottom:36px;color:var(--soft);font-size:13px}
@media (max-width:640px){
main,header,footer{padding-left:12px;padding-right:12px}
section{padding:16px 14px;border-radius:10px}
h1{font-size:24px}.verdict h2{font-size:20px}
.plot{padding-left:52px;padding-right:78px}svg{font-size:11.5px}.name{font-size:11px}
.tiles{grid-template-columns:1fr 1fr}.tiles dd{font-size:20px}.tiles div{padding:8px 10px}
.goals li{grid-template-columns:1fr}.goals .figure{text-align:left}
}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--grid:#ddd;
--sql:#1d5fae;--sqlsoft:#8db4e2;--sqldeep:#0b2f5e;--wait:#d9760a;--hold:#6fb58a;--holdink:#2f7a4e;
--commit:#74539f;--bad:#b3261e;--good:#1c7046;--doubt:#8a6100;--other:#a6adb7;--on:#fff;
--onlight:#0e1116}
body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main,header,footer{max-width:none;padding:0}
nav,.skip,details:not([open]),.series output,.cursor{display:none}
section{border:0;border-top:1px solid #ccc;border-radius:0;padding:12px 0;margin:0}
section.verdict{border-left:6px solid var(--tone);padding-left:14px}
figure,.tiles,.goals li{break-inside:avoid}.scroll{max-height:none;overflow:visible}}
)css";

constexpr std::string_view kScript = R"js(
(function(){
var box=document.querySelector('.series');if(!box)return;
var rows=box.querySelectorAll('tbody tr'),heads=box.querySelectorAll('thead th');
var out=box.querySelector('output'),plots=box.querySelectorAll('.plot svg[id]');
if(!rows.length||!plots.length)return;
var line=document.createElement('div'),at=-1;line.className='cursor';line.hidden=true;
box.appendChild(line);
var time=Array.prototype.map.call(rows,function(r){return parseFloat(r.cells[0].textContent)});
var end=parseFloat(box.dataset.end);
function show(i){
at=Math.max(0,Math.min(rows.length-1,i));
var area=plots[0].getBoundingClientRect(),all=box.getBoundingClientRect();
line.hidden=false;line.style.left=(area.left-all.left+area.width*time[at]/end)+'px';
line.style.top=(area.top-all.top)+'px';
line.style.height=(plots[plots.length-1].getBoundingClientRect().bottom-area.top)+'px';
out.textContent=Array.prototype.map.call(rows[at].cells,function(c,k){
return heads[k].textContent+' '+c.textContent}).filter(function(t){
return !/–$/.test(t)}).join(' · ');}
box.addEventListener('pointermove',function(e){
var a=plots[0].getBoundingClientRect();if(e.clientX<a.left||e.clientX>a.right)return;
var t=(e.clientX-a.left)/a.width*end,best=0;
time.forEach(function(v,i){if(Math.abs(v-t)<Math.abs(time[best]-t))best=i});show(best)});
box.addEventListener('keydown',function(e){
if(e.target!==box)return;
var go={ArrowRight:at+1,ArrowLeft:at-1,Home:0,End:rows.length-1}[e.key];
if(go===undefined)return;e.preventDefault();show(go)});
})();
)js";

}  // namespace

std::string_view html_style() {
  return kStyle;
}

std::string_view html_script() {
  return kScript;
}

}  // namespace poolgauge
