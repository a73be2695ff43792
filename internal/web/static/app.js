// What a page can do better with a script; every page works without it.
(function () {
  'use strict';

  function all(selector) { return [].slice.call(document.querySelectorAll(selector)); }

  // Copy a field, by the way that phones of 2017 know.
  all('[data-copy]').forEach(function (button) {
    if (!document.queryCommandSupported || !document.queryCommandSupported('copy')) return;
    var label = button.textContent;
    button.hidden = false;
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', function () {
      var field = document.getElementById(button.getAttribute('data-copy'));
      field.focus();
      field.setSelectionRange(0, field.value.length);
      if (!document.execCommand('copy')) return;
      button.focus();
      button.textContent = button.getAttribute('data-done');
      setTimeout(function () { button.textContent = label; }, 4000);
    });
  });

  // Paper: without a script the browser's own menu prints.
  all('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });

  // Say how much room is left in a comment once half of it is used. The limit is in bytes of UTF-8.
  all('[data-left]').forEach(function (note) {
    var field = document.getElementById(note.getAttribute('data-left'));
    var max = +note.getAttribute('data-max');
    function show() {
      var left = max - unescape(encodeURIComponent(field.value.replace(/\r?\n/g, '\n'))).length;
      note.hidden = left > max / 2;
      note.textContent = note.getAttribute('data-words').replace('#', left);
    }
    field.addEventListener('input', show);
    show();
  });

  // The number stays right while the page is looked at: asked for once a minute.
  all('[data-json]').forEach(function (number) {
    if (!window.fetch) return;
    var lang = document.documentElement.lang;
    function write(n) { return n.toLocaleString(lang); }
    setInterval(function () {
      if (document.hidden) return;
      fetch(number.getAttribute('data-json')).then(function (answer) { return answer.json(); }).then(function (now) {
        var before = +number.getAttribute('data-count');
        if (now.count === before || before < 2 || now.count < 2) return; // other words may be needed: the next visit has them
        number.textContent = number.textContent.replace(write(before), write(now.count));
        number.setAttribute('data-count', now.count);
        var time = number.parentNode.querySelector('time');
        if (time) {
          time.setAttribute('datetime', now.as_of);
          time.textContent = new Date(now.as_of).toLocaleString(lang);
        }
      }).catch(function () { /* offline: the number that stands says since when */ });
    }, 60000);
  });

  // A second press within a moment is a slip of the finger.
  all('form[method=post]').forEach(function (form) {
    var sent = false;
    form.addEventListener('submit', function (event) {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      setTimeout(function () { sent = false; }, 3000);
    });
  });

  // Press the button of a form that waits when its time has come.
  all('[data-wait]').forEach(function (note) {
    var due = Date.now() + note.getAttribute('data-wait') * 1000;
    var timer = setInterval(function () {
      var left = Math.ceil((due - Date.now()) / 1000);
      note.textContent = left > 0 ? note.getAttribute('data-words').replace('#', left) : note.getAttribute('data-done');
      if (left > 0) return;
      clearInterval(timer);
      note.parentNode.querySelector('button').click();
    }, 1000);
  });

  // What a reader has seen of the library, kept in this browser alone and for nobody else to read. Nothing ticked, nothing kept.
  all('[data-seen-of]').forEach(function (note) {
    var key = 'seen', boxes = [].slice.call(note.parentNode.querySelectorAll('[data-seen]'));
    function read() { return JSON.parse(localStorage.getItem(key) || '[]'); }
    function name(box) { return box.getAttribute('data-seen'); }
    function show() {
      var kept = read(), seen = 0;
      boxes.forEach(function (box) {
        box.checked = kept.indexOf(name(box)) >= 0;
        if (box.checked) seen++;
      });
      note.hidden = seen === 0;
      note.firstChild.textContent = note.getAttribute('data-seen-of').replace('#', seen);
    }
    try { show(); } catch (e) { return; } // a browser that keeps nothing
    boxes.forEach(function (box) {
      box.parentNode.hidden = false;
      box.addEventListener('change', function () {
        var kept = read().filter(function (other) { return other !== name(box); });
        if (box.checked) kept.push(name(box));
        if (kept.length) localStorage.setItem(key, JSON.stringify(kept)); else localStorage.removeItem(key);
        show();
      });
    });
  });

  // After a form that could not be taken, begin reading at what is wrong.
  var mistakes = document.querySelector('.mistakes');
  if (mistakes) mistakes.focus();
})();
