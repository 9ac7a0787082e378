"""A plain pygame window: the robot's view beside the garden's map."""

import cv2
import numpy as np

MAP_WIDTH_PX = 400


class Window:
    """Shows pictures; opened on the first `show`, closed for good by `close`.

    Only pygame's display is initialised: its audio is slow to start and fails on machines without sound.
    """

    def __init__(self, fps: int) -> None:
        import pygame

        self._pygame = pygame
        self._fps = fps
        self._surface = None
        self._clock = pygame.time.Clock()

    def show(self, view: np.ndarray, plan: np.ndarray) -> None:
        """Draw the camera's picture (H, W, 3) and the map (h, w, 3), both uint8, side by side."""
        pygame = self._pygame
        height_px, width_px = view.shape[:2]
        if self._surface is None:
            pygame.display.init()
            pygame.display.set_caption("Evergreen")
            self._surface = pygame.display.set_mode((width_px + MAP_WIDTH_PX, height_px))
        scale = min(MAP_WIDTH_PX / plan.shape[1], height_px / plan.shape[0])
        size = (round(plan.shape[1] * scale), round(plan.shape[0] * scale))
        plan = cv2.resize(plan, size, interpolation=cv2.INTER_NEAREST)
        self._surface.fill((24, 28, 24))
        self._surface.blit(pygame.surfarray.make_surface(view.swapaxes(0, 1)), (0, 0))
        top = (height_px - plan.shape[0]) // 2
        self._surface.blit(pygame.surfarray.make_surface(plan.swapaxes(0, 1)), (width_px, top))
        pygame.event.pump()
        pygame.display.flip()
        self._clock.tick(self._fps)

    def close(self) -> None:
        """Take the window away."""
        if self._surface is not None:
            self._pygame.display.quit()
            self._surface = None
