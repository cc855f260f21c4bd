// Where the user-interface library comes in: the one import of it.

export {
  html, render, useEffect, useErrorBoundary, useLayoutEffect, useMemo, useRef, useState,
} from "../../../vendor/htm@3.1.1/htm-preact.js";
