/*! microtime 0.9.2 - small relative-time words. Vendored; see public/vendor/README.md. */
(function (root) {
  "use strict";

  var UNITS = [
    ["year", 31536000],
    ["month", 2592000],
    ["week", 604800],
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];

  function words(seconds) {
    var abs = Math.abs(seconds);
    for (var i = 0; i < UNITS.length; i++) {
      var count = Math.floor(abs / UNITS[i][1]);
      if (count >= 1) {
        var noun = UNITS[i][0] + (count > 1 ? "s" : "");
        return seconds < 0 ? count + " " + noun + " ago" : "in " + count + " " + noun;
      }
    }
    return "just now";
  }

  root.microtime = { version: "0.9.2", words: words };
})(typeof window === "undefined" ? globalThis : window);
