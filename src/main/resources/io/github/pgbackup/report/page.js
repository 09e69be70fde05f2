'use strict';
// Filters and sorts the checks, and copies what is ready to paste. Without this script, the page is still complete.
document.querySelectorAll('table.checks').forEach(function (table) {
  var body = table.tBodies[0];
  var rows = Array.from(body.rows);
  var bar = document.createElement('p');
  var label = document.createElement('label');
  var input = document.createElement('input');
  var failed = document.createElement('button');
  var count = document.createElement('span');
  bar.className = 'filter';
  label.append('Filter ', input);
  input.type = 'search';
  failed.type = 'button';
  failed.textContent = 'Failed only';
  failed.setAttribute('aria-pressed', 'false');
  count.setAttribute('role', 'status');
  function filter() {
    var words = input.value.toLowerCase().split(' ');
    var onlyFailed = failed.getAttribute('aria-pressed') === 'true';
    var shown = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      var fits = words.every(function (word) { return text.includes(word); });
      row.hidden = !fits || (onlyFailed ? row.querySelector('td.cross') === null : false);
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = shown === rows.length ? '' : shown + ' of ' + rows.length;
  }
  input.addEventListener('input', filter);
  failed.addEventListener('click', function () {
    failed.setAttribute('aria-pressed', String(failed.getAttribute('aria-pressed') !== 'true'));
    filter();
  });
  bar.append(label, failed, count);
  table.before(bar);
  Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', function () {
      var down = head.getAttribute('aria-sort') === 'ascending';
      Array.from(table.tHead.rows[0].cells).forEach(function (other) { other.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      rows.sort(function (a, b) {
        var order = a.cells[column].textContent.localeCompare(b.cells[column].textContent, 'en', { numeric: true });
        return down ? -order : order;
      });
      body.append.apply(body, rows);
    });
  });
});
document.querySelectorAll('pre.paste').forEach(function (text) {
  var button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', function () {
    var range = document.createRange();
    range.selectNodeContents(text);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    // A page that was opened from a disk may have no other access to the clipboard.
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
  });
  text.after(button);
});
